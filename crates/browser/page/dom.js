// Elements with text. Nothing of a mirror is ever read as HTML.

/** An element; `attributes` become attributes, children are elements, texts, or nothing. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A stranger's words: set apart, so that their direction does not spill over. */
export const said = (text, name = "bdi", attributes = {}) => el(name, { dir: "auto", ...attributes }, text ?? "");

const SVG = "http://www.w3.org/2000/svg";

/** A shape for each verdict, so that colour is never the only sign: disc, triangle, octagon, square. */
const SHAPES = {
  fresh: ["M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z", "M6.5 12.5l3.5 3.5 7-8"],
  stale: ["M12 2 23 22H1z", "M12 9v6m0 2.5v1"],
  not_authentic: ["M8 1h8l7 7v8l-7 7H8l-7-7V8z", "M8 8l8 8m0-8-8 8"],
  unreachable: ["M2 2h20v20H2z", "M9 9c0-4 6-4 6 0 0 2.5-3 2.5-3 5m0 2.5v1"],
};

export function shape(verdict) {
  const [outline, sign] = SHAPES[verdict];
  const picture = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["class", "shape"]]) picture.setAttribute(key, value);
  for (const [d, name] of [[outline, "outline"], [sign, "sign"]]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("class", name);
    picture.append(path);
  }
  return picture;
}
