from portal import Column, Resource, _
from portal.kit.filters import BooleanFilter, ChoiceFilter
from portal.models.file import StoredFile
from portal.pages.library import FileDeletePage, FileEditPage, FilePage, LibraryPage, SameTextFilter, UploadPage
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
    fields = [StoredFile.alt, StoredFile.folder, StoredFile.kept]
    filters = [
        ChoiceFilter(StoredFile.kind),
        SameTextFilter(StoredFile.folder),
        SameTextFilter(StoredFile.owner),
        BooleanFilter(StoredFile.kept),
    ]
    pages = [LibraryPage(order_by="-id"), FileEditPage(), FileDeletePage(), FilePage(), UploadPage()]
