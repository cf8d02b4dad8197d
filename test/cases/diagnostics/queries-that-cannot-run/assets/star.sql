-- All of it.
SELECT * FROM points
