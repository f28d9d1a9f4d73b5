// What the first view of a page weighs, as it travels: bytes with headers, requests, nobody else's host, cookies.
const PUBLIC = ['/', '/demarches', '/demarches/aide-velo', '/demarches/acte-etat-civil', '/demarches/acte-etat-civil/eligibilite', '/suivi', '/connexion', '/aide', '/accessibilite'];
const LIMITS = { bytes: 30_000, requests: 5 };

export const weigh = async (browser, access, tally) => {
  for (const path of PUBLIC) {
    const context = await browser.newContext({ locale: 'fr-FR', viewport: { width: 360, height: 780 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    let requests = 0;
    const elsewhere = [];
    const own = new URL(access.tenants[0].base_url).host;
    session.on('Network.requestWillBeSent', ({ request }) => {
      if (request.url.startsWith('data:')) return;
      requests += 1;
      if (new URL(request.url).host !== own) elsewhere.push(request.url);
    });
    session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    const response = await page.goto(access.tenants[0].base_url + path, { waitUntil: 'networkidle' });
    const shift = await page.evaluate(() => new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(sum), 100);
    }));
    const faults = [];
    if (response.status() !== 200) faults.push(`répond ${response.status()}`);
    if (bytes > LIMITS.bytes) faults.push(`${bytes} octets reçus, ${LIMITS.bytes} au plus`);
    if (requests > LIMITS.requests) faults.push(`${requests} requêtes, ${LIMITS.requests} au plus`);
    if (elsewhere.length) faults.push(`va ailleurs: ${elsewhere.join(' ')}`);
    if (shift > 0.02) faults.push(`la page bouge en s’affichant: ${shift.toFixed(3)}`);
    if ((await context.cookies()).length) faults.push('un cookie avant d’avoir rien demandé');
    const csp = response.headers()['content-security-policy'] ?? '';
    for (const wanted of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"]) {
      if (!csp.includes(wanted)) faults.push(`la CSP ne dit pas ${wanted}`);
    }
    tally.check(`poids ${path}`, faults.map((fault) => `${path}: ${fault}`));
    console.log(`poids ${path}: ${bytes} octets, ${requests} requêtes`);
    await context.close();
  }
};
