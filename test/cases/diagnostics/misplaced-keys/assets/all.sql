SELECT count(*) AS games FROM schedule
