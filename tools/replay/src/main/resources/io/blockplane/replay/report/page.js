'use strict';
// What the charts share: looks, ticks, text and files. Everything here is between these braces' one name.
const Blockplane = (() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let printing = false;

  /** Colours of paper and policies as they are now: on a screen, in the dark, or in print. */
  function theme() {
    const night = dark.matches && !printing;
    return {
      text: night ? '#a9abae' : '#585858',
      ink: night ? '#ececec' : '#1b1b1b',
      grid: night ? '#2b2d31' : '#ececea',
      paper: night ? '#161719' : '#ffffff',
      load: night ? '#85888d' : '#8a8a8a',
      loadFill: night ? '#85888d33' : '#8a8a8a2b',
      of: (look) => (night ? look.dark : look.light),
    };
  }

  function font(size) {
    return `${size}px system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif`;
  }

  /** h:mm:ss since the beginning, without seconds where they are all nought. */
  function elapsed(seconds, withSeconds = true) {
    const whole = Math.round(seconds);
    const two = (n) => String(n).padStart(2, '0');
    const text = `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}`;
    return withSeconds ? `${text}:${two(whole % 60)}` : text;
  }

  function utc(epochMs) {
    return new Date(epochMs).toISOString().replace('T', ' ').slice(0, 19) + ' UTC';
  }

  /** Three digits that count, as the tables have them. */
  function three(value) {
    if (value === null || value === undefined || Number.isNaN(value)) {
      return '–';
    }
    const whole = Math.abs(value) < 1e-9 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
    const decimals = Math.abs(value) < 1e-9 ? 0 : Math.min(4, Math.max(0, 3 - whole));
    return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  /** An element with text; text is only ever set as text. */
  function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }

  /** A cell of CSV; text that a spreadsheet would take for a formula is marked as text. */
  function cell(value) {
    if (value === null || value === undefined) {
      return '';
    }
    if (typeof value === 'number') {
      return String(value);
    }
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv(rows) {
    return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
  }

  function download(name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
    const link = element('a', '', { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  /** Calls back when the page gets other colours or goes to paper and back. */
  function onTheme(redraw) {
    dark.addEventListener('change', redraw);
    addEventListener('beforeprint', () => {
      printing = true;
      redraw();
    });
    addEventListener('afterprint', () => {
      printing = false;
      redraw();
    });
  }

  return { theme, font, elapsed, utc, three, element, csv, download, onTheme, isPrinting: () => printing };
})();
