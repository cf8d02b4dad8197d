import {expect, test} from 'vitest';
import {pageOf} from '../../runner/bigquery-rows.ts';

/** A row as https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults writes it. */
function cells(...values: unknown[]): {readonly f: readonly {readonly v: unknown}[]} {
  return {f: values.map(v => ({v}))};
}

test('every type is a plain value: exact numbers, text for dates and times, JSON for what is nested', () => {
  const fields = [
    {name: 'id', type: 'INTEGER'},
    {name: 'big', type: 'INT64'},
    {name: 'x', type: 'FLOAT'},
    {name: 'n', type: 'NUMERIC'},
    {name: 'ok', type: 'BOOLEAN'},
    {name: 'd', type: 'DATE'},
    {name: 't', type: 'TIMESTAMP'},
    {name: 'tags', type: 'STRING', mode: 'REPEATED'},
    {
      name: 'point',
      type: 'RECORD',
      fields: [
        {name: 'x', type: 'INTEGER'},
        {name: 'far', type: 'INTEGER'},
        {name: 'label', type: 'STRING'},
      ],
    },
  ];
  const tags = [{v: 'a'}, {v: 'b'}];
  const page = pageOf(
    {
      rows: [
        cells(
          '7',
          '9007199254740993',
          '0.5',
          '1.25',
          'true',
          '2024-01-15',
          '1705347000250000',
          tags,
          cells('3', '9007199254740993', null),
        ),
        cells(null, '-1', 'NaN', '123456789012345678.9', 'false', null, '-1', [], null),
      ],
    },
    fields,
  );
  expect(page.columns).toEqual(fields.map(({name}) => name));
  expect(page.rows).toEqual([
    [
      7,
      9007199254740993n,
      0.5,
      1.25,
      true,
      '2024-01-15',
      '2024-01-15T19:30:00.25Z',
      '["a","b"]',
      '{"x":3,"far":"9007199254740993","label":null}',
    ],
    [null, -1, Number.NaN, '123456789012345678.9', false, null, '1969-12-31T23:59:59.999999Z', '[]', null],
  ]);
});

test('infinities are numbers, however they are written', () => {
  const page = pageOf({rows: ['Infinity', '-Infinity', 'inf', '-inf'].map(each => cells(each))}, [
    {name: 'x', type: 'FLOAT64'},
  ]);
  expect(page.rows.flat()).toEqual([Infinity, -Infinity, Infinity, -Infinity]);
});

test('a page without rows is one', () => {
  expect(pageOf({}, [{name: 'x', type: 'STRING'}])).toEqual({columns: ['x'], rows: []});
});
