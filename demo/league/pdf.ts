// Writes a PDF of lines of text: Helvetica at places on landscape pages, nothing compressed.
// Does not deal with letters beyond ASCII, which become question marks; so the file is ASCII and its offsets are plain.

/** In points from the page's lower left corner. */
export interface PlacedText {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export const pageSize = {width: 792, height: 612};

const fontSize = 8;

/** ISO 32000-1, 7.5: header, objects, their offsets, and where those stand. */
export function pdfOf(pages: readonly (readonly PlacedText[])[]): string {
  const kids = pages.map((_, index) => `${4 + 2 * index} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((texts, index) => [pageOf(5 + 2 * index), contentOf(texts)]),
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${offsets.join('')}`;
  return `${body}${table}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
}

function pageOf(content: number): string {
  const box = `[0 0 ${pageSize.width} ${pageSize.height}]`;
  const font = '<< /Font << /F1 3 0 R >> >>';
  return `<< /Type /Page /Parent 2 0 R /MediaBox ${box} /Resources ${font} /Contents ${content} 0 R >>`;
}

function contentOf(texts: readonly PlacedText[]): string {
  const shown = texts.map(({x, y, text}) => `1 0 0 1 ${x} ${y} Tm (${escaped(text)}) Tj\n`).join('');
  const stream = `BT\n/F1 ${fontSize} Tf\n${shown}ET\n`;
  return `<< /Length ${stream.length} >>\nstream\n${stream}endstream`;
}

function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/[\\()]/g, '\\$&');
}
