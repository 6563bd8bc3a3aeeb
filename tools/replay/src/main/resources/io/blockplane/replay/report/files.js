// Rows of the CSV files: numbers as they are in the result, not as they are drawn.
Blockplane.rows = {
  policies(result) {
    const estimate = (e) => (e === null ? [null, null, null] : [e.mean, e.low, e.high]);
    const three = (name) => [name, `${name}_low`, `${name}_high`];
    return [
      [
        'policy', 'role', ...three('instance_seconds'), ...three('cost_difference_instance_seconds'),
        ...three('slo_attainment'), ...three('slo_difference'), 'total_ms_p50', 'total_ms_p90', 'total_ms_p99',
        'total_ms_max', 'queue_ms_p50', 'queue_ms_p90', 'queue_ms_p99', 'queue_ms_max', 'refused', 'failed',
        ...three('scale_actions'), 'share_of_oracle_saving',
      ],
      ...result.runs.map((run) => [
        run.name, run.role, ...estimate(run.instanceSeconds), ...estimate(run.costDifference),
        ...estimate(run.sloAttainment), ...estimate(run.sloDifference), run.totalMs.p50, run.totalMs.p90,
        run.totalMs.p99, run.totalMs.max, run.queueMs.p50, run.queueMs.p90, run.queueMs.p99, run.queueMs.max,
        run.refused, run.failed, ...estimate(run.scaleActions), run.shareOfOracleSaving,
      ]),
    ];
  },

  /** Long form: a row for each policy and step, so that steps of any length fit. */
  timeline(result) {
    const rows = [['series', 'at_ms', 'step_ms', 'requests', 'instances', 'waiting', 'slo_misses']];
    result.workload.requestsPerStep.forEach((requests, i) => {
      rows.push(['load', i * result.workload.stepMs, result.workload.stepMs, requests, null, null, null]);
    });
    result.runs.forEach(({ name, timeline }) => {
      timeline.instances.forEach((instances, i) => {
        rows.push([
          name, i * timeline.stepMs, timeline.stepMs, null, instances, timeline.waiting[i], timeline.sloMisses[i],
        ]);
      });
    });
    return rows;
  },

  decisions(result) {
    return [
      ['policy', 'at_ms', 'before', 'after', 'reason', 'inputs'],
      ...result.runs.flatMap((run) =>
        run.decisions.map((d) => [run.name, d.atMs, d.before, d.after, d.reason, d.inputs]),
      ),
    ];
  },

  calibration(result) {
    return [
      ['measure', 'unit', 'recorded', 'simulated', 'error_percent'],
      ...(result.calibration?.rows ?? []).map((r) => [r.measure, r.unit, r.recorded, r.simulated, r.errorPercent]),
    ];
  },
};
