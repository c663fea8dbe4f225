select
    row_number() over () as order_id,
    customer_id,
    cast(ordered as timestamp) as ordered,
    article,
    cast(amount as decimal(9, 2)) as amount
from read_csv('raw/orders.csv')
