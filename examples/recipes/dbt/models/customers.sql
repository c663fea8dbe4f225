select customer_id, any_value(name) as name, any_value(email) as email
from read_csv('raw/orders.csv')
group by customer_id
