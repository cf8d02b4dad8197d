/**
 * Logical bytes of values: https://cloud.google.com/bigquery/pricing#data
 * It does not deal with which columns a query reads (bigquery-scan.ts).
 */
import {type Field, quotedName} from './bigquery-schema.ts';

const FIXED: Readonly<Record<string, number>> = {
  BOOLEAN: 1,
  BOOL: 1,
  NUMERIC: 16,
  BIGNUMERIC: 32,
  DECIMAL: 16,
};

/** As an expression over a row. */
function fieldBytes(field: Field): string {
  const name = quotedName(field.name);
  if (field.mode === 'REPEATED' || /^(?:RECORD|STRUCT|JSON)$/i.test(field.type))
    return `coalesce(strlen(CAST(${name} AS VARCHAR)), 0)`;
  if (/^STRING$/i.test(field.type)) return `CASE WHEN ${name} IS NULL THEN 0 ELSE 2 + strlen(${name}) END`;
  if (/^BYTES$/i.test(field.type))
    return `CASE WHEN ${name} IS NULL THEN 0 ELSE 2 + octet_length(${name}) END`;
  return `CASE WHEN ${name} IS NULL THEN 0 ELSE ${FIXED[field.type.toUpperCase()] ?? 8} END`;
}

export function rowBytes(fields: readonly Field[]): string {
  return fields.length === 0 ? '0' : fields.map(fieldBytes).join(' + ');
}
