-- What each store sold on each day. The two days are bound by the driver: the first, and the one after the last.
SELECT
    sold_on AS [day],
    city,
    store_id AS store,
    SUM(items) AS items,
    SUM(amount) AS amount
FROM dbo.sales
WHERE sold_on >= %(first)s AND sold_on < %(end)s
GROUP BY sold_on, city, store_id
ORDER BY sold_on, city, store_id
