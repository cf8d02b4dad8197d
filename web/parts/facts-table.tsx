/**
 * A table of a few facts a line, as wide as there is room.
 * It does not deal with rows of the warehouse (rows-table.tsx) nor with long lists (virtual-rows.tsx).
 */
import './facts-table.css';
import type {ReactNode} from 'react';

interface Head {
  readonly name: string;
  /** Its cells have the class `number` too. */
  readonly isNumber?: boolean;
}

/** `children` are its lines. */
export function FactsTable({
  heads,
  children,
}: {
  readonly heads: readonly Head[];
  readonly children: ReactNode;
}) {
  return (
    <div className="facts-table-scroll">
      <table className="facts-table">
        <thead>
          <tr>
            {heads.map(({name, isNumber = false}) => (
              <th key={name} scope="col" className={isNumber ? 'number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
