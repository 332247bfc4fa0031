/** Processor time that this process takes for a job, milliseconds: the same however busy the machine is with others. */
export async function cpuMillis(job: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await job();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
