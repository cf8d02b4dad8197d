/**
 * Rows of a table as the warehouse has them, in their order.
 * It does not deal with where they come from.
 */
import './rows-table.css';

export function RowsTable({
  columns,
  rows,
  label,
}: {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly label: string;
}) {
  const isNumber = columns.map((_, at) => rows.every(row => row[at] === null || typeof row[at] === 'number'));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="rows-table" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={column} scope="col" className={isNumber[at] ? 'number' : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name.
            <tr key={line}>
              {columns.map((column, at) => (
                <td key={column} className={isNumber[at] ? 'number' : undefined}>
                  <Cell value={row[at]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({value}: {readonly value: unknown}) {
  if (value === null || value === undefined) return <span className="rows-table-null">null</span>;
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
