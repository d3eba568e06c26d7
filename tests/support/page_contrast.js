// For every text that a person can see: what it says, and how far it stands out from what is behind it.
// The formula: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio
(() => {
  const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const read = color => {
    const [r, g, b, alpha = 1] = color.match(/[\d.]+/g).map(Number);
    return { rgb: [r, g, b], alpha };
  };
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const { rgb, alpha } = read(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return rgb;
      if (alpha > 0) throw new Error("a half transparent background: what is behind it would have to be mixed in");
    }
    throw new Error("nothing is behind the page");
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent.trim();
    if (!words || !element.checkVisibility()) continue;
    seen.push({ words, ratio: ratio(read(getComputedStyle(element).color).rgb, behind(element)) });
  }
  const field = document.querySelector("input");
  const hint = read(getComputedStyle(field, "::placeholder").color).rgb;
  seen.push({ words: field.placeholder, ratio: ratio(hint, behind(field)) });
  return seen;
})()
