from portal import Column, Resource, _
from portal.kit.filters import BooleanFilter
from portal.models.file import StoredFile
from portal.pages.library.file import FileDeletePage, FileEditPage, FilePage
from portal.pages.library.filters import FamilyFilter, FolderFilter, SameTextFilter, UsedFilter
from portal.pages.library.listing import FolderPage, LibraryPage
from portal.pages.library.orphans import OrphansPage
from portal.pages.library.replacing import ContentPage
from portal.pages.library.storage import StoragePage
from portal.pages.library.taking import UploadPage
from portal.services.files import FileService


class FileResource(Resource):
    """The media library: every stored file, and where it is used."""

    model = StoredFile
    service = FileService
    label = _("File")
    label_plural = _("Files")
    icon = "library-photo"
    columns = [
        Column(StoredFile.key, cell="image", sortable=False),
        Column(StoredFile.original_name, below=StoredFile.alt),
        StoredFile.kind,
        Column(StoredFile.media_type, wide=True),
        Column(StoredFile.size, cell="size"),
        Column(StoredFile.width, label=_("Dimensions"), cell="dimensions", below=StoredFile.height, wide=True),
        Column(StoredFile.folder, wide=True),
        Column(StoredFile.id, label=_("Used in"), cell="uses", sortable=False),
        StoredFile.created_at,
    ]
    fields = [StoredFile.original_name, StoredFile.alt, StoredFile.folder, StoredFile.kept]
    filters = [
        FamilyFilter(StoredFile.media_type),
        FolderFilter(StoredFile.folder),
        UsedFilter(StoredFile.id),
        SameTextFilter(StoredFile.owner),
        BooleanFilter(StoredFile.kept),
    ]
    pages = [
        LibraryPage(order_by="-id"),
        FolderPage(),
        FileEditPage(),
        FileDeletePage(),
        FilePage(),
        ContentPage(),
        UploadPage(),
        OrphansPage(),
        StoragePage(),
    ]
