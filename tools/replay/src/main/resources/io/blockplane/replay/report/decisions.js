// Marks of decisions in lanes under the instances, and the explanation of the chosen one.
Object.assign(Blockplane.Timeline.prototype, {
  lanes() {
    const plot = this.plots.find((one) => one.name === 'instances');
    if (!plot) {
      return;
    }
    const box = this.root.querySelector('.lane-box');
    const left = plot.bbox.left / devicePixelRatio;
    const width = plot.bbox.width / devicePixelRatio;
    const focused = document.activeElement?.closest?.('.lane')?.dataset.policy;
    box.replaceChildren();
    box.style.marginLeft = `${left}px`;
    box.style.width = `${width}px`;
    this.result.runs.forEach((run, i) => {
      if (this.shown[i] && run.decisions.length) {
        box.append(this.lane(run, i, plot, width));
      }
    });
    box.append(Blockplane.element('div', '', { class: 'lane-cursor', hidden: '' }));
    if (focused !== undefined) {
      box.querySelector(`.lane[data-policy="${focused}"] button[tabindex="0"]`)?.focus();
    }
    this.laneCursor();
  },

  /** One lane is one stop of the Tab key; arrows go from mark to mark. */
  lane(run, policy, plot, width) {
    const lane = Blockplane.element('div', '', {
      class: `lane look${this.looks[policy].index}`,
      role: 'group',
      'aria-label': `Decisions of ${run.name}; arrow keys go from one to the next`,
      'data-policy': String(policy),
    });
    let before = -Infinity;
    run.decisions.forEach((mark, i) => {
      const x = plot.valToPos(mark.atMs / 1000, 'x');
      const chosen = this.chosen && this.chosen.policy === policy && this.chosen.mark === i;
      // Those that would lie on one another are reached by "next", or by zooming in.
      if (x < -1 || x > width + 1 || (x - before < 5 && !chosen)) {
        return;
      }
      before = x;
      const button = Blockplane.element('button', mark.after >= mark.before ? '▲' : '▽', {
        type: 'button',
        'aria-label': `${Blockplane.elapsed(mark.atMs / 1000)}: ${mark.before} to ${mark.after} instances`,
        'aria-pressed': String(Boolean(chosen)),
        tabindex: '-1',
        'data-mark': String(i),
      });
      button.style.left = `${x}px`;
      lane.append(button);
    });
    (lane.querySelector('[aria-pressed=true]') ?? lane.querySelector('button'))?.setAttribute('tabindex', '0');
    lane.addEventListener('click', (event) => {
      const button = event.target.closest('button');
      if (button) {
        this.choose(policy, Number(button.dataset.mark));
      }
    });
    lane.addEventListener('keydown', (event) => this.walk(event, lane));
    return lane;
  },

  walk(event, lane) {
    const marks = [...lane.querySelectorAll('button')];
    const here = marks.indexOf(document.activeElement);
    const to = {
      ArrowRight: here + 1,
      ArrowLeft: here - 1,
      Home: 0,
      End: marks.length - 1,
    }[event.key];
    if (to === undefined || !marks[to]) {
      return;
    }
    event.preventDefault();
    marks[here]?.setAttribute('tabindex', '-1');
    marks[to].setAttribute('tabindex', '0');
    marks[to].focus();
  },

  laneCursor() {
    const line = this.root.querySelector('.lane-cursor');
    const plot = this.plots.find((one) => one.name === 'instances');
    if (!line || !plot) {
      return;
    }
    line.hidden = this.index === null;
    if (this.index !== null) {
      line.style.left = `${plot.valToPos(this.series.x[this.index], 'x')}px`;
    }
  },

  /** Shows why, and puts the cursor of all charts there. */
  choose(policy, mark) {
    this.chosen = { policy, mark };
    const run = this.result.runs[policy];
    const atMs = run.decisions[mark].atMs;
    const [min, max] = this.range ?? this.whole();
    if (atMs / 1000 < min || atMs / 1000 > max) {
      const half = (max - min) / 2;
      this.zoom(atMs / 1000 - half, atMs / 1000 + half);
    }
    this.lanes();
    this.point(Math.min(this.series.x.length - 1, Math.floor(atMs / this.series.pieceMs)));
    this.explain(run, policy, mark);
  },

  explain(run, policy, mark) {
    const { element, elapsed, utc, three } = Blockplane;
    const decision = run.decisions[mark];
    const start = this.result.source.fromMs;
    const heading = `h${Number(this.root.querySelector('h2, h3').tagName.slice(1)) + 1}`;
    const change = decision.after - decision.before;
    const words = change === 0 ? 'no change' : `${Math.abs(change)} ${change > 0 ? 'more' : 'fewer'}`;
    const when = elapsed(decision.atMs / 1000) + (start ? ` (${utc(start + decision.atMs)})` : '');
    const list = element('dl', '');
    const row = (name, text) => list.append(element('dt', name), element('dd', text));
    row('Reason', decision.reason);
    row('Decided on', decision.inputs);
    const at = Math.min(this.series.x.length - 1, Math.floor(decision.atMs / this.series.pieceMs));
    const value = (name) => three(this.series[name][policy][at]);
    row(
      'At that moment',
      `${three(this.series.load[0][at])} requests/s, ${value('instances')} instances serving,` +
        ` ${value('waiting')} waiting, ${value('misses')} late within ${this.pieceText()}`,
    );
    const steps = element('p', '', { class: 'steps screen' });
    const step = (text, to) => {
      const button = element('button', text, { type: 'button' });
      button.disabled = !run.decisions[to];
      button.addEventListener('click', () => {
        this.choose(policy, to);
        const again = [...this.root.querySelectorAll('.steps button')];
        (again.find((b) => b.textContent === text && !b.disabled) ?? again.find((b) => !b.disabled))?.focus();
      });
      return button;
    };
    steps.append(
      step('Previous', mark - 1),
      step('Next', mark + 1),
      element('span', `${mark + 1} of ${run.decisions.length}`, { class: 'muted' }),
    );
    this.root
      .querySelector('.explanation')
      .replaceChildren(
        element(heading, `${run.name}: ${decision.before} → ${decision.after} instances, ${words}`),
        element('p', when, { class: 'muted' }),
        list,
        steps,
      );
  },
});
