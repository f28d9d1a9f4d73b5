// An OpenID provider for the tests: npm oidc-provider, with its people and its client given by the environment.
// It prints its port on one line, and ends with its standard input.
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

// Its advice is not for a test, and nobody reads its output after the first line.
console.info = console.warn = () => {}

const people = JSON.parse(process.env.PEOPLE)
const client = JSON.parse(process.env.CLIENT)

// Its clock is the test's.
const start = Date.now()
const real = Date.now
Date.now = () => Number(process.env.NOW_MS) + real() - start

const key = (kid, type, options) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig' })
const keys = [key('ec', 'ec', { namedCurve: 'P-256' }), key('rsa', 'rsa', { modulusLength: 2048 })]

const server = createServer()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const port = server.address().port

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  jwks: { keys },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true },
    jwtUserinfo: { enabled: true },
  },
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'ES256'],
    userinfoSigningAlgValues: ['RS256', 'ES256'],
  },
  claims: { openid: ['sub'], email: ['email'], profile: ['given_name', 'family_name', 'title', 'groups'] },
  cookies: { keys: ['essai'] },
  findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
  interactions: { url: (_, interaction) => `/choix/${interaction.uid}` },
})
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/choix/')) return next()
  // The person is named by a header of the test: the page of a directory is not what is tried here.
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res)
  if (prompt.name === 'login') {
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: ctx.get('x-personne') } })
  }
  const known = grantId && (await provider.Grant.find(grantId))
  const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  return provider.interactionFinished(ctx.req, ctx.res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true })
})
provider.on('server_error', (_, error) => console.error(error))
server.on('request', provider.callback())
console.log(port)
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
