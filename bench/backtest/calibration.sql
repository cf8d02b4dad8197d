-- Whether what the ensemble says comes true on average, by what it says.
SELECT
  least(5 * floor(predicted_points / 5), 30)::INT AS predicted_from,
  count(*)::INT AS predictions,
  avg(predicted_points) AS predicted_mean,
  avg(actual_points) AS actual_mean
FROM graded
WHERE system = 'ensemble'
GROUP BY predicted_from
ORDER BY predicted_from
