from portal import Column, ListPage, Resource, _
from portal.models.customer import Customer
from portal.services.customers import CustomerService


class CustomerResource(Resource):
    """The registered readers."""

    model = Customer
    api = True
    service = CustomerService
    label = _("Customer")
    label_plural = _("Customers")
    icon = "user-circle"
    columns = [
        Column(Customer.avatar),
        Column(Customer.nickname, below=Customer.user_id),
        Customer.status,
        Column(Customer.sex, wide=True),
        Customer.source,
        Column(Customer.email, wide=True),
        Customer.registered_at,
    ]
    filters = [Customer.status, Customer.sex, Customer.source, Customer.registered_at]
    pages = [ListPage(order_by="-registered_at")]
