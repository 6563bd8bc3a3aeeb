// Cost against service: one point a policy, with the intervals of both.
Blockplane.Scatter = class {
  constructor(root, entry) {
    this.root = root;
    this.runs = entry.result.runs;
    this.looks = entry.looks;
    this.target = entry.result.slo.target;
    // All on time has no place on an axis of nines: it stands where half a request would be late.
    this.least = 0.5 / Math.max(1, entry.result.workload.requests);
    this.draw();
  }

  nines(share) {
    return -Math.log10(Math.max(this.least, 1 - share));
  }

  draw() {
    this.chart?.destroy();
    const box = this.root.querySelector('.plot');
    const width = Blockplane.isPrinting() ? 690 : Math.max(240, Math.min(860, this.root.clientWidth));
    const theme = Blockplane.theme();
    const hours = (seconds) => seconds / 3600;
    this.points = this.runs.map((run, i) => ({
      name: run.name,
      role: run.role,
      color: theme.of(this.looks[i]),
      x: [run.instanceSeconds.low, run.instanceSeconds.mean, run.instanceSeconds.high].map(hours),
      y: [run.sloAttainment.low, run.sloAttainment.mean, run.sloAttainment.high].map((s) => this.nines(s)),
    }));
    const [left, right] = this.span(this.points.flatMap((p) => p.x), 0.1);
    const [low, high] = this.span([...this.points.flatMap((p) => p.y), this.nines(this.target)], 0.12);
    const order = this.points.map((_, i) => i).sort((a, b) => this.points[a].x[1] - this.points[b].x[1]);
    this.chart = new uPlot(
      {
        width,
        height: width < 500 ? 360 : 430,
        padding: [10, 16, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, range: [Math.max(0, left), right] }, y: { range: [low, high] } },
        axes: [this.costAxis(theme), this.serviceAxis(theme, low, high)],
        series: [{}, { paths: () => null, points: { show: false } }],
        hooks: { draw: [(u) => this.paint(u, theme)] },
      },
      [order.map((i) => this.points[i].x[1]), order.map((i) => this.points[i].y[1])],
      box,
    );
  }

  span(values, margin) {
    const least = Math.min(...values);
    const most = Math.max(...values);
    const room = Math.max((most - least) * margin, Math.abs(most) * 0.02, 0.02);
    return [least - room, most + room];
  }

  costAxis(theme) {
    return {
      stroke: theme.text,
      font: Blockplane.font(12),
      size: 24,
      gap: 4,
      label: 'cost, instance-hours',
      labelFont: Blockplane.font(12),
      labelSize: 18,
      grid: { stroke: theme.grid, width: 1 },
      ticks: { show: false },
    };
  }

  serviceAxis(theme, low, high) {
    const shares = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999];
    // From the top, where the goal is; a share that would touch the one above it is left out.
    const apart = (high - low) / 16;
    const inside = [];
    for (const share of shares.reverse()) {
      const y = this.nines(share);
      if (y >= low && y <= high && (inside.length === 0 || this.nines(inside.at(-1)) - y >= apart)) {
        inside.push(share);
      }
    }
    inside.reverse();
    return {
      stroke: theme.text,
      font: Blockplane.font(12),
      size: 50,
      gap: 6,
      label: 'requests on time, %',
      labelFont: Blockplane.font(12),
      labelSize: 18,
      grid: { stroke: theme.grid, width: 1 },
      ticks: { show: false },
      splits: () => inside.map((s) => this.nines(s)),
      values: () => inside.map((s) => String(Number((100 * s).toFixed(3)))),
    };
  }

  paint(u, theme) {
    const { ctx } = u;
    const px = devicePixelRatio;
    const at = (x, y) => [u.valToPos(x, 'x', true), u.valToPos(y, 'y', true)];
    ctx.save();
    ctx.lineWidth = px;
    ctx.strokeStyle = theme.text;
    ctx.setLineDash([5 * px, 4 * px]);
    const goal = u.valToPos(this.nines(this.target), 'y', true);
    ctx.beginPath();
    ctx.moveTo(u.bbox.left, goal);
    ctx.lineTo(u.bbox.left + u.bbox.width, goal);
    ctx.stroke();
    ctx.setLineDash([]);
    const taken = [];
    this.points.forEach((point) => this.bars(ctx, point, at, px, taken));
    this.points.forEach((point) => this.mark(ctx, point, at(point.x[1], point.y[1]), px, theme));
    this.points.forEach((point) => this.label(u, point, at(point.x[1], point.y[1]), px, theme, taken));
    ctx.restore();
  }

  bars(ctx, point, at, px, taken) {
    ctx.strokeStyle = point.color;
    ctx.lineWidth = 1.25 * px;
    const line = (a, b) => {
      ctx.beginPath();
      ctx.moveTo(...a);
      ctx.lineTo(...b);
      ctx.stroke();
    };
    line(at(point.x[0], point.y[1]), at(point.x[2], point.y[1]));
    line(at(point.x[1], point.y[0]), at(point.x[1], point.y[2]));
    const [x, y] = at(point.x[1], point.y[1]);
    taken.push([x - 7 * px, y - 7 * px, x + 7 * px, y + 7 * px]);
  }

  /** The shape tells the role: circle in use, diamond candidate, square baseline, triangle oracle. */
  mark(ctx, { role, color }, [x, y], px, theme) {
    const r = 5.5 * px;
    const corners = {
      CANDIDATE: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
      BASELINE: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
      ORACLE: [[0, -1.2], [1.15, 0.9], [-1.15, 0.9]],
    }[role];
    ctx.beginPath();
    if (corners) {
      corners.forEach(([dx, dy], i) => (i ? ctx.lineTo(x + dx * r, y + dy * r) : ctx.moveTo(x + dx * r, y + dy * r)));
      ctx.closePath();
    } else {
      ctx.arc(x, y, r, 0, 2 * Math.PI);
    }
    ctx.fillStyle = role === 'BASELINE' || role === 'ORACLE' ? theme.paper : color;
    ctx.strokeStyle = color;
    ctx.lineWidth = 2 * px;
    ctx.fill();
    ctx.stroke();
  }

  /** Beside its point where nothing else is: right, left, above, below; shorter where there is no room. */
  label(u, point, [x, y], px, theme, taken) {
    const { ctx } = u;
    ctx.font = Blockplane.font(12 * px);
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    const { left, top, width, height } = u.bbox;
    const box = (at, size) => [at[0] - 2, at[1] - 7 * px, at[0] + size + 2, at[1] + 7 * px];
    const inside = ([l, t, r, b]) => l >= left && r <= left + width && t >= top && b <= top + height;
    const free = (one) => taken.every(([l, t, r, b]) => one[2] < l || one[0] > r || one[3] < t || one[1] > b);
    for (let length = point.name.length; length > 3; length = Math.floor(length * 0.75)) {
      const text = length < point.name.length ? `${point.name.slice(0, length)}…` : point.name;
      const size = ctx.measureText(text).width;
      const places = [0, -16, 16, -30, 30].flatMap((dy) => [
        [x + 12 * px, y + dy * px],
        [x - 12 * px - size, y + dy * px],
      ]);
      const place = places.find((at) => inside(box(at, size)) && free(box(at, size)));
      if (place) {
        taken.push(box(place, size));
        ctx.fillStyle = theme.ink;
        ctx.fillText(text, ...place);
        return;
      }
    }
  }
};
