//! A space whose links would travel in clear is refused when it is made, and found when the installation is checked.

use crate::faults::Installation;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_is_reached_in_https_unless_it_is_on_this_machine() {
    let town = Installation::new().await;
    let create = async |slug: &str, base_url: &str| {
        let host = format!("{slug}.exemple.fr");
        town.run(&["tenant", "create", slug, "--name", "Ville", "--host", &host, "--base-url", base_url]).await
    };
    let (is_done, text) = create("claire", "http://claire.exemple.fr").await;
    assert!(!is_done && text.contains("en clair") && text.contains("https://"), "{text}");
    let (is_done, text) = create("chemin", "https://exemple.fr/demarches").await;
    assert!(!is_done && text.contains("sans chemin"), "{text}");
    assert!(create("sure", "https://sure.exemple.fr").await.0);
    assert!(create("locale", "http://locale.localhost:8080").await.0);
    let (_, checked) = town.run(&["check"]).await;
    assert!(!checked.contains("en clair"), "{checked}");

    town.app.database().tamper("update tenant set base_url = 'http://sure.exemple.fr' where slug = 'sure'").await;
    let (is_well, checked) = town.run(&["check"]).await;
    let line = checked.lines().find(|line| line.contains("espace sure")).unwrap_or_default();
    assert!(!is_well && line.starts_with("faute") && line.contains("en clair"), "{checked}");
}
