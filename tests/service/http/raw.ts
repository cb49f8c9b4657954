import { connect } from 'node:net';

/** Sends text as it is, for what no client would send. Gives all that came back before the connection ended. */
export async function raw(url: string, text: string, waitMs = 1_000): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
  socket.write(text);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, waitMs);
    socket.on('error', () => undefined).on('close', () => (clearTimeout(timer), resolve()));
  });
  socket.destroy();
  return answer;
}
