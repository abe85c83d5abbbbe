from portal import Column, ListPage, Resource, _
from portal.models.user import User
from portal.services.users import UserService


class UserResource(Resource):
    """The people who sign in to the portal."""

    model = User
    service = UserService
    label = _("User")
    label_plural = _("Users")
    icon = "users"
    columns = [
        Column(User.username, below=User.display_name),
        User.email,
        User.roles,
        User.is_superuser,
        User.is_active,
        User.last_sign_in_at,
    ]
    fields = [
        User.username,
        User.display_name,
        User.email,
        User.password_hash,
        User.is_active,
        User.is_superuser,
        User.roles,
        User.language,
    ]
    filters = [User.is_active, User.is_superuser, User.roles]
    actions = []
    pages = [ListPage(order_by="username")]
