"""For browser tests of a portal, yours too: page objects on its `data-testid` hooks, axe, and a watch on the console.

They drive Playwright's pages (synchronous) and need nothing else; docs/testing.md shows how.
"""

from portal.testing.accessibility import check_accessibility
from portal.testing.conflict_page import ConflictPage
from portal.testing.edit_page import EditPage
from portal.testing.library_dialog import LibraryDialog
from portal.testing.list_page import ListPage
from portal.testing.page import PortalPage
from portal.testing.reorder_page import ReorderPage
from portal.testing.rich_text import RichText
from portal.testing.sign_in_page import SignInPage
from portal.testing.upload_fields import UploadField
from portal.testing.watch import Watch

__all__ = [
    "ConflictPage",
    "EditPage",
    "LibraryDialog",
    "ListPage",
    "PortalPage",
    "ReorderPage",
    "RichText",
    "SignInPage",
    "UploadField",
    "Watch",
    "check_accessibility",
]
