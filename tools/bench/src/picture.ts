/** Curves in an SVG picture, both axes logarithmic: what is linear is a straight line. */

export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Drawing {
  readonly title: string;
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const width = 640;
const height = 360;
const margin = { left: 70, right: 110, top: 40, bottom: 40 };

/** A scale of powers of ten round `values`, from one end of the drawing to the other. */
interface Scale {
  readonly powers: readonly number[];
  readonly place: (value: number) => number;
}

export function picture({ title, unit, curves }: Drawing): string {
  const points = curves.flatMap((curve) => curve.points);
  const x = scale(
    points.map((point) => point.x),
    margin.left,
    width - margin.right,
  );
  const y = scale(
    points.map((point) => point.y),
    height - margin.bottom,
    margin.top,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="20" font-size="14">${title} (${unit})</text>`,
    ...x.powers.map((power) => gridLine(x.place(power), 'vertical', power)),
    ...y.powers.map((power) => gridLine(y.place(power), 'horizontal', power)),
    ...curves.map((curve) => drawn(curve, x, y)),
    '</svg>',
    '',
  ].join('\n');
}

function scale(values: readonly number[], from: number, to: number): Scale {
  const lowest = Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values))));
  const powers = Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
  return {
    powers,
    place: (value) => Math.round(from + ((Math.log10(value) - lowest) / (highest - lowest)) * (to - from)),
  };
}

function gridLine(at: number, direction: 'vertical' | 'horizontal', value: number): string {
  const label = value.toLocaleString('en-US');
  const isVertical = direction === 'vertical';
  const ends = isVertical
    ? `x1="${at}" y1="${margin.top}" x2="${at}" y2="${height - margin.bottom}"`
    : `x1="${margin.left}" y1="${at}" x2="${width - margin.right}" y2="${at}"`;
  const text = isVertical
    ? `<text x="${at}" y="${height - margin.bottom + 18}" text-anchor="middle">${label}</text>`
    : `<text x="${margin.left - 6}" y="${at + 4}" text-anchor="end">${label}</text>`;
  return `<line ${ends} stroke="#ddd"/>${text}`;
}

function drawn({ name, colour, points }: Curve, x: Scale, y: Scale): string {
  const places = points.map((point) => [x.place(point.x), y.place(point.y)] as const);
  const [lastX, lastY] = places.at(-1) ?? [0, 0];
  const dots = places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`);
  const line = `<polyline points="${places.map((place) => place.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  return `${line}${dots.join('')}<text x="${lastX + 8}" y="${lastY + 4}" fill="${colour}">${name}</text>`;
}
