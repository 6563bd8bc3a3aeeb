// The charts of one result on one time axis, and the decisions among them.
Blockplane.Timeline = class {
  static AXIS_PX = innerWidth < 500 ? 42 : 56;
  static RIGHT_PX = 16;
  static POINTS_MAX = 420;
  static PRINT_PX = 690;
  static HEIGHTS = { load: 96, instances: 190, waiting: 130, misses: 148 };

  constructor(root, entry, syncKey) {
    this.root = root;
    this.result = entry.result;
    this.looks = entry.looks;
    this.syncKey = syncKey;
    this.shown = [...root.querySelectorAll('.legend input')].map((box) => box.checked);
    this.series = this.binned();
    this.plots = [];
    this.index = null;
    // Where slider or decision have put the cursor: it stays there until a mouse moves over a chart.
    this.pinned = null;
    this.range = null;
    this.chosen = null;
    this.bind();
    this.draw();
  }

  /** Pieces of a length that people use, short enough to see and few enough to draw. */
  binned() {
    const { runs, workload } = this.result;
    const steps = [workload.stepMs, ...runs.map((run) => run.timeline.stepMs)];
    const length = Math.max(
      workload.stepMs * workload.requestsPerStep.length,
      ...runs.map((run) => run.timeline.stepMs * run.timeline.instances.length),
    );
    // Whole steps of the longest kind, so that no step is torn; shorter ones fit when they divide it.
    const longest = Math.max(...steps);
    const times = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120].find(
      (n) => length / (n * longest) <= Blockplane.Timeline.POINTS_MAX,
    );
    const pieceMs = longest * (times ?? Math.ceil(length / (longest * Blockplane.Timeline.POINTS_MAX)));
    const count = Math.max(1, Math.ceil(length / pieceMs));
    const piece = (list, stepMs, join) => {
      const made = new Array(count).fill(null);
      list.forEach((value, i) => {
        const at = Math.min(count - 1, Math.floor((i * stepMs) / pieceMs));
        (made[at] ??= []).push(value);
      });
      return made.map((values) => (values === null ? null : join(values)));
    };
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const mean = (values) => sum(values) / values.length;
    const most = (values) => Math.max(...values);
    const each = (name, join) => runs.map((run) => piece(run.timeline[name], run.timeline.stepMs, join));
    return {
      pieceMs,
      x: Array.from({ length: count }, (_, i) => (i * pieceMs) / 1000),
      load: [piece(workload.requestsPerStep, workload.stepMs, (v) => (sum(v) * 1000) / pieceMs)],
      instances: each('instances', mean),
      waiting: each('waiting', most),
      misses: each('sloMisses', sum),
    };
  }

  bind() {
    this.root.querySelectorAll('.legend input').forEach((box, i) => {
      box.addEventListener('change', () => {
        this.shown[i] = box.checked;
        this.plots.filter((plot) => plot.name !== 'load').forEach((plot) => {
          plot.setSeries(i + 1, { show: box.checked });
        });
        this.lanes();
        this.read();
      });
    });
    this.slider = this.root.querySelector('.cursor');
    this.slider.max = String(this.series.x.length - 1);
    this.slider.addEventListener('input', () => this.point(Number(this.slider.value)));
    this.zoomOut = this.root.querySelector('.zoom-out');
    this.zoomOut.addEventListener('click', () => this.zoom(...this.whole()));
    this.root.querySelector('[data-panel=misses] .unit').textContent =
      `requests in each ${this.pieceText()}`;
  }

  pieceText() {
    const seconds = this.series.pieceMs / 1000;
    return seconds < 120 ? `${seconds} s` : `${seconds / 60} min`;
  }

  whole() {
    return [0, this.series.x.at(-1) + this.series.pieceMs / 1000];
  }

  draw() {
    const range = this.range ?? this.whole();
    this.plots.forEach((plot) => plot.destroy());
    this.plots = ['load', 'instances', 'waiting', 'misses'].map((name) => this.plot(name, range));
    this.lanes();
    this.read();
  }

  width() {
    return Blockplane.isPrinting()
      ? Blockplane.Timeline.PRINT_PX
      : Math.max(240, this.root.querySelector('.charts').clientWidth);
  }

  plot(name, range) {
    const theme = Blockplane.theme();
    const lists = this.series[name];
    const stepped = uPlot.paths.stepped({ align: 1 });
    const line = (i) => {
      const look = this.looks[i];
      return {
        show: this.shown[i],
        stroke: theme.of(look),
        width: look.dash.length ? 1.5 : 2,
        dash: look.dash,
        paths: stepped,
        points: { show: false },
      };
    };
    const load = { stroke: theme.load, fill: theme.loadFill, width: 1, paths: stepped, points: { show: false } };
    const last = name === 'misses';
    const made = new uPlot(
      {
        width: this.width(),
        height: Blockplane.Timeline.HEIGHTS[name],
        padding: [6, Blockplane.Timeline.RIGHT_PX, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { size: 6 },
          drag: { x: true, y: false },
          sync: { key: this.syncKey, scales: ['x', null], setSeries: false },
        },
        scales: {
          x: { time: false, min: range[0], max: range[1] },
          y: { range: (u, low, high) => [0, Math.max(high ?? 0, 1) * 1.06] },
        },
        axes: [this.timeAxis(theme, last), this.valueAxis(theme, name)],
        series: [{}, ...(name === 'load' ? [load] : lists.map((_, i) => line(i)))],
        hooks: {
          setCursor: [(u) => name === 'instances' && this.pointed(u.cursor.idx)],
          setScale: [(u, key) => name === 'instances' && key === 'x' && this.zoomed(u)],
        },
      },
      [this.series.x, ...lists],
      this.root.querySelector(`[data-panel=${name}] .plot`),
    );
    made.name = name;
    return made;
  }

  timeAxis(theme, labelled) {
    return {
      stroke: theme.text,
      font: Blockplane.font(12),
      size: labelled ? 24 : 8,
      gap: 4,
      label: labelled ? 'time since the start, h:mm' : undefined,
      labelFont: Blockplane.font(12),
      labelSize: 18,
      grid: { stroke: theme.grid, width: 1 },
      ticks: { show: labelled, stroke: theme.grid, size: 4 },
      space: 64,
      incrs: [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400],
      values: labelled
        ? (u, splits, axis, space, step) => splits.map((s) => Blockplane.elapsed(s, step < 60))
        : (u, splits) => splits.map(() => ''),
    };
  }

  valueAxis(theme, name) {
    return {
      stroke: theme.text,
      font: Blockplane.font(12),
      size: Blockplane.Timeline.AXIS_PX,
      gap: 6,
      space: 30,
      // Of waiting and late requests there are only whole ones.
      incrs: name === 'load' ? undefined : [1, 2, 5].flatMap((n) => [n, 10 * n, 100 * n, 1e3 * n, 1e4 * n, 1e5 * n]).sort((a, b) => a - b),
      grid: { stroke: theme.grid, width: 1 },
      ticks: { show: false },
      values: (u, splits) => splits.map((v) => v.toLocaleString('en-US', { maximumFractionDigits: 2 })),
    };
  }

  /** The mouse is over a chart, or has left it. */
  pointed(index) {
    if (index === null || index === undefined) {
      this.moved(this.pinned);
      return;
    }
    this.pinned = null;
    this.moved(index);
  }

  /** Puts the cursor of all charts on a piece of time. */
  point(index) {
    this.pinned = index;
    this.plots.forEach((plot) =>
      plot.setCursor({ left: plot.valToPos(this.series.x[index], 'x'), top: 10 }, false),
    );
    this.moved(index);
  }

  moved(index) {
    this.index = index ?? null;
    if (this.index !== null) {
      this.slider.value = String(this.index);
    }
    this.read();
    this.laneCursor();
  }

  zoomed(u) {
    this.range = [u.scales.x.min, u.scales.x.max];
    const [from, to] = this.whole();
    this.zoomOut.hidden = this.range[0] <= from && this.range[1] >= to;
    this.lanes();
  }

  zoom(min, max) {
    this.plots.forEach((plot) => plot.setScale('x', { min, max }));
  }

  /** Values at the cursor, or of the whole run, beside each policy's name. */
  read() {
    const at = this.index;
    const x = at === null ? null : this.series.x[at];
    const start = this.result.source.fromMs;
    const when = x === null ? '' : Blockplane.elapsed(x) + (start ? `, ${Blockplane.utc(start + x * 1000)}` : '');
    const load = x === null ? '' : `; load ${Blockplane.three(this.series.load[0][at])} requests/s`;
    this.root.querySelector('.legend-caption').textContent =
      x === null ? 'Mean instances, most waiting, all late of the run' : `At ${when}${load}`;
    this.slider.setAttribute('aria-valuetext', x === null ? 'not set' : when);
    const known = (values) => values.filter((v) => v !== null);
    const whole = {
      instances: (v) => known(v).reduce((a, b) => a + b, 0) / Math.max(1, known(v).length),
      waiting: (v) => Math.max(0, ...known(v)),
      misses: (v) => known(v).reduce((a, b) => a + b, 0),
    };
    this.root.querySelectorAll('.legend tbody tr').forEach((row, i) => {
      row.classList.toggle('off', !this.shown[i]);
      row.querySelectorAll('td').forEach((cell) => {
        const values = this.series[cell.dataset.cell][i];
        const value = at === null ? whole[cell.dataset.cell](values) : values[at];
        cell.textContent =
          value === null ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: 1 });
      });
    });
  }
};
