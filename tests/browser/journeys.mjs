// The journeys. Each is lived in every mode; what differs without script is only how a page follows another.
import { totp } from './visitor.mjs';

const day = (before) => {
  const date = new Date(Date.now() - before * 86_400_000);
  return { jour: date.getDate(), mois: date.getMonth() + 1, annee: date.getFullYear() };
};

/** A PDF that no other test sends. */
const pdf = (word) => Buffer.from(`%PDF-1.7\n1 0 obj<</Type/Catalog/Note(${word})>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`);

const bought = day(20);
const aid = (mail) => ({
  nom: 'Marchetti', prenoms: 'Inès', 'naissance.jour': 4, 'naissance.mois': 3, 'naissance.annee': 1991, courriel_contact: mail,
  'adresse_domicile.voie': '14 rue des Tanneurs', 'adresse_domicile.code_postal': '28260', 'adresse_domicile.commune': 'Villeneuve-sur-Aure',
  etat_velo: 'neuf', assistance: 'oui', prix: '890',
  'date_achat.jour': bought.jour, 'date_achat.mois': bought.mois, 'date_achat.annee': bought.annee,
  vendeur: 'Cycles du Perche', deja_aide: 'non', quotient_familial: '874',
  titulaire_compte: 'Inès Marchetti', iban_versement: 'FR76 3000 6000 0112 3456 7890 189',
});
const contact = (mail, text) => ({ sujet: 'probleme', message: text, nom: 'Lefèvre', prenoms: 'Camille', courriel_contact: mail });

const address = (visitor, word) => `${word}-${visitor.mode.name}@exemple.fr`;

/** From the page of a démarche to the last page before sending. */
const fillUp = async (visitor, slug, answers) => {
  const { page } = visitor;
  await visitor.go(`/demarches/${slug}`);
  await visitor.press(/^(Commencer|Faire la demande)/);
  for (let step = 0; step < 15; step += 1) {
    const path = new URL(page.url()).pathname;
    await visitor.look(`${slug}-${path.split('/').slice(3).join('-')}`);
    if (path.endsWith('/verification')) return path.split('/')[2];
    if (path.endsWith('/pieces')) await addFiles(visitor);
    else await visitor.fill(answers);
    await visitor.press('Continuer');
  }
  throw new Error(`le formulaire de ${slug} ne finit pas`);
};

/** One file for each document that is asked for. */
const addFiles = async (visitor) => {
  const { page, mode } = visitor;
  const names = await page.locator('input[type=file]').evaluateAll((nodes) => nodes.map((node) => node.name));
  for (const name of names) {
    const field = page.locator(`input[type=file][name="${name}"]`);
    const file = { name: `${name}.pdf`, mimeType: 'application/pdf', buffer: pdf(`${name} ${mode.name} ${Date.now()}`) };
    if (mode.script) {
      await field.setInputFiles(file);
      await page.locator(`#champ-${name} a[href*="/fichiers/"]`).first().waitFor();
    } else {
      await field.setInputFiles(file);
      const form = page.locator('form', { has: field });
      await Promise.all([page.waitForEvent('load'), form.locator('button[type=submit]').last().click()]);
      if (!new URL(page.url()).pathname.endsWith('/pieces')) await page.goBack();
    }
  }
};

/** Signs in as a member of the staff, with the second factor when it is asked for. */
const signInAgent = async (visitor, role) => {
  const { page } = visitor;
  const account = visitor.account(role);
  await visitor.go('/agent/connexion');
  await page.locator('input[type=email], input[name=courriel], input[name=mail]').first().fill(account.login);
  await page.locator('input[type=password]').first().fill(account.password);
  await visitor.press(/^(Se connecter|Continuer|Entrer)/);
  // A code serves once: when another mode of this test took it, the next one is waited for.
  for (let tries = 0; tries < 8 && new URL(page.url()).pathname.endsWith('/code'); tries += 1) {
    if (tries) await page.waitForTimeout(8_000);
    await visitor.look('agent-connexion-code');
    await page.locator('input[name=code]').fill(totp(account.totp_secret));
    await Promise.all([page.waitForEvent('load'), page.locator('main form button[type=submit]').first().click()]);
  }
  if (/connexion/.test(page.url())) throw new Error(`${role}: la connexion ne passe pas`);
};

/** Every page that the menu and the links of these pages lead to, at most so many, each kind once. */
const wander = async (visitor, starts, most, within) => {
  const queue = [...starts];
  const kinds = new Set();
  while (queue.length && kinds.size < most) {
    const path = queue.shift();
    const kind = path.replace(/\?.*/, '').replace(/[a-z]{3}_[0-9a-f]{32}/g, 'x');
    if (kinds.has(kind) || /deconnexion|\.pdf|\/fichiers\/|\.json|\.csv|\/courriers\//.test(path)) continue;
    kinds.add(kind);
    const response = await visitor.go(path, kind);
    if (response && response.status() >= 400) throw new Error(`${path} répond ${response.status()}`);
    const links = await visitor.page.locator('a[href^="/"]').evaluateAll((nodes) => nodes.map((node) => node.getAttribute('href').split('#')[0]));
    queue.push(...links.filter((link) => within.test(link)));
  }
};

export const journeys = {
  /** A visitor finds the démarche, however he writes it, and knows at once whether it is for him. */
  async chercher(visitor) {
    const { page } = visitor;
    await visitor.go('/');
    await page.locator('input[type=search]').first().fill('extrait de naisance');
    await Promise.all([page.waitForURL(/demarches\?/), page.keyboard.press('Enter')]);
    await visitor.look('recherche');
    await visitor.reads('acte d’état civil');
    await visitor.go('/demarches?q=primes+vélos', 'recherche-pluriel');
    await visitor.reads('vélo');
    await visitor.go('/demarches?q=zzzz', 'recherche-vide');
    await visitor.go('/demarches/acte-etat-civil');
    await visitor.go('/demarches/acte-etat-civil/eligibilite', 'eligibilite');
    for (let question = 0; question < 5; question += 1) {
      const choice = page.locator('main input[type=radio]').first();
      if (!(await choice.count())) break;
      await choice.check({ force: true });
      await Promise.all([page.waitForEvent('load'), page.locator('main form button[type=submit]').first().click()]);
      await visitor.look(`eligibilite-${question + 1}`);
    }
    await visitor.go('/demarches/n-existe-pas', 'erreur-404');
  },

  /** What is wrong is said beside the field and at the top, and nothing typed is lost. */
  async corriger(visitor) {
    const { page, mode } = visitor;
    await visitor.go('/demarches/contact');
    await visitor.press(/^(Commencer|Faire la demande|Écrire)/);
    await visitor.fill({ message: 'Un texte gardé.', courriel_contact: 'pas-une-adresse' });
    await visitor.press('Continuer');
    const focused = await page.evaluate(() => document.activeElement?.id);
    await visitor.look('contact-refuse');
    await visitor.reads('à corriger');
    if (!(await page.title()).startsWith('Erreur')) throw new Error(`le titre ne dit pas l’erreur : ${await page.title()}`);
    if ((await page.locator('[name=message]').inputValue()) !== 'Un texte gardé.') throw new Error('le texte est perdu');
    if (mode.script) {
      if (focused !== 'erreurs') throw new Error(`le résumé n’a pas le focus, mais « ${focused} »`);
      await page.locator('.errors a').first().click();
      const control = await page.evaluate(() => document.activeElement?.localName);
      if (!/input|textarea|select/.test(control)) throw new Error('le résumé ne mène pas au champ');
    }
  },

  /** Asks for the aid, sends once by pressing twice, follows by number and mail from another device. */
  async demander(visitor) {
    const { page } = visitor;
    const mail = address(visitor, 'ines');
    await fillUp(visitor, 'aide-velo', aid(mail));
    await visitor.reads('Marchetti', '890', 'facture.pdf');
    await visitor.press('Envoyer ma demande', 'depot');
    const said = await visitor.reads('Votre demande est envoyée');
    const number = said.match(/[A-Z]{2,4}-\d{4}-\d{6}/)?.[0];
    if (!number) throw new Error('pas de numéro');
    await page.goBack();
    await visitor.go(new URL(page.url()).pathname.replace(/\/[^/]*$/, '/verification'), 'renvoi');
    await visitor.go('/mes-demandes');
    if ((await page.getByText(number).count()) !== 1) throw new Error('pas une demande exactement');
    const receipt = await visitor.mail(mail, new RegExp(number));
    if (!receipt.attachments?.length) throw new Error('l’accusé de réception n’est pas joint');
    await visitor.context.clearCookies();
    await visitor.go('/suivi');
    await visitor.fill({ numero: number, courriel: mail });
    await visitor.press('Recevoir le lien de suivi', 'suivi-envoye');
    const letter = await visitor.mail(mail, /reprendre\//);
    const link = letter.text.match(/\/reprendre\/\S+/)[0];
    await visitor.go(link, 'suivi-ouvert');
    await visitor.reads(number);
    await visitor.go(`${new URL(page.url()).pathname}/retrait`, 'retrait');
  },

  /** Leaves a draft and takes it up again by the mailed link. */
  async reprendre(visitor) {
    const { page } = visitor;
    const mail = address(visitor, 'paul');
    await visitor.go('/demarches/aide-velo');
    await visitor.press(/^(Commencer|Faire la demande)/);
    await visitor.fill({ nom: 'Marchetti', prenoms: 'Paul', courriel_contact: mail });
    await visitor.press('Enregistrer et reprendre plus tard', 'plus-tard');
    await page.locator('main input[type=email]').fill(mail);
    await visitor.press('M’envoyer le lien', 'plus-tard-envoye');
    const letter = await visitor.mail(mail, /reprendre\//);
    await visitor.context.clearCookies();
    await visitor.go(letter.text.match(/\/reprendre\/\S+/)[0], 'brouillon-a-reprendre');
    await visitor.press('Reprendre cette demande', 'brouillon-repris');
    const held = await page.locator('[name=nom]').inputValue();
    if (held !== 'Marchetti') throw new Error(`le brouillon a perdu le nom : « ${held} »`);
  },

  /** A person with an account: his demands, his data, his preferences. */
  async compte(visitor) {
    const { page } = visitor;
    const account = visitor.account('usager');
    await visitor.go('/connexion');
    const form = page.locator('form', { has: page.locator('input[type=password]') }).first();
    await form.locator('input[type=email], input[name=courriel]').first().fill(account.login);
    await form.locator('input[type=password]').first().fill(account.password);
    await Promise.all([page.waitForEvent('load'), form.locator('button[type=submit]').first().click()]);
    if (/connexion/.test(page.url())) throw new Error('la connexion ne passe pas');
    await wander(visitor, ['/mes-demandes', '/mon-compte', '/mes-donnees'], 16, /^\/(mes-|mon-|dossiers\/)/);
  },

  /** An agent finds the demand in the inbox, checks a piece, asks for another, decides; the usager reads it. */
  async instruire(visitor) {
    const { page } = visitor;
    const mail = address(visitor, 'dossier');
    const id = await fillUp(visitor, 'aide-velo', aid(mail));
    await visitor.press('Envoyer ma demande');
    const usager = await visitor.context.cookies();
    await visitor.context.clearCookies();
    await signInAgent(visitor, 'agent');
    await visitor.go('/agent');
    await visitor.go('/agent/dossiers');
    const response = await visitor.go(`/agent/dossiers/${id}`, 'agent-dossier');
    if (response.status() === 403) return; // this agent is of another service: the demand is not his
    for (const piece of await page.locator('button[name=avis][value=acceptee]').all()) await piece.scrollIntoViewIfNeeded();
    while (await page.locator('button[name=avis][value=acceptee]').count()) {
      await Promise.all([page.waitForEvent('load'), page.locator('button[name=avis][value=acceptee]').first().click()]);
      await visitor.go(`/agent/dossiers/${id}`, 'agent-piece-acceptee');
    }
    await visitor.go(`/agent/dossiers/${id}/complement`, 'agent-complement');
    await visitor.go(`/agent/dossiers/${id}/etapes/accepter`, 'agent-accepter');
    await Promise.all([page.waitForEvent('load'), page.locator('main form button[type=submit]').first().click()]);
    await visitor.look('agent-courrier');
    if (await page.getByRole('button', { name: /et envoyer/ }).count()) await visitor.press(/et envoyer/, 'agent-decide');
    await visitor.context.clearCookies();
    await visitor.context.addCookies(usager);
    await visitor.go(`/dossiers/${id}`, 'usager-decision');
    await visitor.reads('accept');
  },

  /** Everything that an agent's menu leads to. */
  async agent(visitor) {
    await signInAgent(visitor, 'agent');
    await wander(visitor, ['/agent', '/agent/dossiers', '/agent/saisie'], 24, /^\/agent/);
  },

  /** Everything that an administrator's menu leads to. */
  async administrer(visitor) {
    if (!visitor.mode.script && visitor.mode.width < 1000) return; // one account, one code every thirty seconds
    await signInAgent(visitor, 'admin');
    await wander(visitor, ['/admin'], 30, /^\/admin/);
  },

  /** An usager by FranceConnect, an agent by ProConnect: there, back signed in, and out again through the platform. */
  async identites(visitor) {
    const { page } = visitor;
    const there = /^http:\/\/127\.0\.0\.1:\d+\/demo\//;
    const through = async (button, person) => {
      await visitor.press(button);
      if (!there.test(page.url())) throw new Error(`${button} mène à ${page.url()}`);
      await visitor.look(`double-${new URL(page.url()).pathname.split('/')[2]}`);
      await Promise.all([page.waitForURL((url) => !there.test(url.href)), page.getByRole('button', { name: person }).first().click()]);
    };
    await visitor.go('/connexion', 'franceconnect');
    await through('S’identifier avec FranceConnect', ['Pierre', 'Linh Mai', 'Amadou', 'Camille'][visitor.number]);
    if (new URL(page.url()).pathname !== '/mes-demandes') throw new Error(`FranceConnect ramène à ${page.url()}`);
    await visitor.look('franceconnect-mes-demandes');
    await visitor.go('/mon-compte', 'franceconnect-mon-compte');
    await visitor.reads('FranceConnect');
    await visitor.press('Se déconnecter');
    if (new URL(page.url()).pathname !== '/deconnexion') throw new Error(`la déconnexion mène à ${page.url()}`);
    await visitor.look('franceconnect-deconnexion');

    await visitor.go('/agent/connexion', 'proconnect');
    await through('S’identifier avec ProConnect', 'Luc Ferrand');
    await visitor.look('proconnect-refus');
    await visitor.reads('Vous ne pouvez pas entrer ici');
    await visitor.press('Changer de compte');
    await visitor.go('/agent/connexion');
    await through('S’identifier avec ProConnect', 'Nadia Roussel');
    if (!new URL(page.url()).pathname.startsWith('/agent')) throw new Error(`ProConnect ramène à ${page.url()}`);
    await visitor.look('proconnect-agent');
    await visitor.reads('Bonjour Nadia');
  },

  /** The pages that stand below every other. */
  async mentions(visitor) {
    await wander(visitor, ['/plan-du-site', '/aide', '/accessibilite', '/mentions-legales', '/donnees-personnelles', '/conditions'], 12, /^\/(plan|aide|acc|ment|donn|cond)/);
  },
};
