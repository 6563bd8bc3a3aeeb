// Brings the page to life; without it the page still says everything, in words and tables.
(() => {
  const entries = JSON.parse(document.getElementById('report-data').textContent);
  document.documentElement.classList.add('scripted');
  const charts = [];
  document.querySelectorAll('article[data-result]').forEach((article) => {
    const entry = entries[Number(article.dataset.result)];
    charts.push(new Blockplane.Timeline(article.querySelector('.timeline'), entry, article.id));
    charts.push(new Blockplane.Scatter(article.querySelector('.scatter'), entry));
    article.querySelectorAll('.csv').forEach((button) => {
      button.addEventListener('click', () => {
        const name = `${entry.fileName.replace(/\.json$/, '')}-${button.dataset.csv}.csv`;
        Blockplane.download(name, Blockplane.csv(Blockplane.rows[button.dataset.csv](entry.result)));
      });
    });
  });

  const redraw = () => charts.forEach((chart) => chart.draw());
  Blockplane.onTheme(redraw);
  let pending = 0;
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) {
      width = innerWidth;
      cancelAnimationFrame(pending);
      pending = requestAnimationFrame(redraw);
    }
  });

  const opened = [];
  addEventListener('beforeprint', () => {
    document.querySelectorAll('details:not([open])').forEach((details) => {
      details.open = true;
      opened.push(details);
    });
  });
  addEventListener('afterprint', () => opened.splice(0).forEach((details) => (details.open = false)));
})();
