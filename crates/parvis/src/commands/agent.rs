//! `parvis agent invite`: the first administrator of a space, or one who is shut out of it. The link is printed and
//! mailed; he sets his password, then his second factor, on the pages.

use clap::{Args, Subcommand as ClapSubcommand};
use comptes::{NewAgent, Operator};
use kernel::{Actor, Clock, Config, Error, Result, Role, Tenant, tenant};

use crate::boot;

/// What can be done with agents.
#[derive(ClapSubcommand)]
pub enum Command {
    /// Invite un agent, ou l’invite à nouveau : affiche et envoie un lien qui sert une fois.
    Invite(Invite),
}

/// Who is invited, and where.
#[derive(Args)]
pub struct Invite {
    /// Nom court de l’espace.
    #[arg(long)]
    tenant: String,
    /// Adresse électronique de l’agent : c’est son identifiant.
    #[arg(long, visible_alias = "login")]
    mail: String,
    /// Administrateur de l’espace (sinon : agent, sans profil).
    #[arg(long)]
    admin: bool,
    /// Prénom ; par défaut, celui de l’adresse.
    #[arg(long)]
    given_name: Option<String>,
    /// Nom ; par défaut, celui de l’adresse.
    #[arg(long)]
    family_name: Option<String>,
    /// Fonction, imprimée sous sa signature.
    #[arg(long)]
    job_title: Option<String>,
    /// Retire le second facteur d’un agent qui a perdu son téléphone : il en enregistrera un autre.
    #[arg(long)]
    new_second_factor: bool,
}

/// Runs one of them.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let Command::Invite(asked) = command;
    let clock = Clock::system();
    let db = boot::database(&config, &clock)?;
    boot::require_schema(&db).await?;
    let tenant = named(tenant::all(&db).await?, &asked.tenant)?;
    let scope = tenant.scope(Actor::system("ligne de commande"));
    let operator = operator(&asked);
    let (agent, is_new, link) = db
        .write(&scope, async |tx| {
            let (agent, is_new) = comptes::invite_as_operator(tx, operator).await?;
            let link = comptes::invitation_link(tx, &tenant, &agent).await?;
            Ok((agent, is_new, link))
        })
        .await?;
    let what = if is_new { "est invité" } else { "avait déjà un compte : il est invité à nouveau" };
    println!("{} ({}) {what} dans l’espace « {} ».", agent.name(), agent.mail, tenant.name);
    if let Some(link) = link {
        println!("Lien à lui remettre, valable 7 jours, qui sert une fois :\n{link}");
    }
    println!("Un mail avec un lien semblable part dès que Parvis tourne (parvis serve ou parvis work).");
    Ok(())
}

fn named(tenants: Vec<Tenant>, slug: &str) -> Result<Tenant> {
    let slugs: Vec<String> = tenants.iter().map(|tenant| tenant.slug.clone()).collect();
    tenants.into_iter().find(|tenant| tenant.slug == slug).ok_or_else(|| {
        let others = match slugs.is_empty() {
            true => "créez-le d’abord : parvis tenant create".to_owned(),
            false => format!("il y a : {}", slugs.join(", ")),
        };
        Error::refused("tenant", format!("Aucun espace ne s’appelle « {slug} » ; {others}."))
    })
}

fn operator(asked: &Invite) -> Operator {
    let (given_name, family_name) = names_in(&asked.mail);
    let (role, job_title) = if asked.admin { (Role::Admin, "Administrateur") } else { (Role::Agent, "Agent") };
    let agent = NewAgent {
        mail: asked.mail.clone(),
        given_name: asked.given_name.clone().unwrap_or(given_name),
        family_name: asked.family_name.clone().unwrap_or(family_name),
        job_title: asked.job_title.clone().unwrap_or_else(|| job_title.into()),
        role,
        memberships: vec![],
    };
    Operator { agent, new_second_factor: asked.new_second_factor }
}

/// First name and name as an address tells them: `claire.vasseur@…`. A desk has one word: « Compte Informatique ».
fn names_in(mail: &str) -> (String, String) {
    let local = mail.split('@').next().unwrap_or_default();
    let (given, family) = local.split_once('.').unwrap_or(("compte", local));
    (capitals(given), capitals(family))
}

fn capitals(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_address() {
        assert_eq!(names_in("claire.vasseur@exemple.fr"), ("Claire".into(), "Vasseur".into()));
        assert_eq!(names_in("jean-luc.le-goff@exemple.fr"), ("Jean-Luc".into(), "Le-Goff".into()));
        assert_eq!(names_in("informatique@exemple.fr"), ("Compte".into(), "Informatique".into()));
    }
}
