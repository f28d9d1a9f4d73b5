//! The little Markdown of letters: headings, paragraphs, lists, bold and links.
//!
//! Pictures, tables, code and HTML are not for letters: their words stay, as plain text.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{Block, Inline};

/// Reads a Markdown text into blocks.
pub(crate) fn blocks(source: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(source, Options::empty()) {
        reader.read(event);
    }
    reader.close_run();
    reader.blocks
}

/// Makes a value safe to put in a Markdown text: it comes out as it is, and draws nothing.
pub fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_ascii_punctuation() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A list being read. An inner list gives its items to the outer one.
struct Items {
    numbered: bool,
    items: Vec<Vec<Inline>>,
    depth: usize,
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    run: Vec<Inline>,
    list: Option<Items>,
    heading: bool,
    bold: usize,
    link: Option<(String, String)>,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(s) | Event::Code(s) | Event::Html(s) | Event::InlineHtml(s) => self.word(&s),
            Event::SoftBreak => self.word(" "),
            Event::HardBreak => self.word("\n"),
            _ => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.heading = true,
            Tag::List(first) => {
                self.close_run();
                let list = self.list.get_or_insert(Items { numbered: first.is_some(), items: Vec::new(), depth: 0 });
                list.depth += 1;
            }
            Tag::Paragraph if self.list.is_some() && !self.run.is_empty() => self.word("\n"),
            Tag::Strong => self.bold += 1,
            Tag::Link { dest_url, .. } => self.link = Some((String::new(), dest_url.into_string())),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Link => {
                if let Some((text, url)) = self.link.take() {
                    self.run.push(Inline::Link { text, url });
                }
            }
            TagEnd::List(_) => self.close_list(),
            TagEnd::Paragraph if self.list.is_some() => {}
            TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock | TagEnd::CodeBlock => self.close_run(),
            _ => {}
        }
    }

    fn word(&mut self, text: &str) {
        if let Some((words, _)) = &mut self.link {
            words.push_str(text);
            return;
        }
        match (self.run.last_mut(), self.bold > 0) {
            (Some(Inline::Bold(last)), true) | (Some(Inline::Text(last)), false) => last.push_str(text),
            (_, true) => self.run.push(Inline::bold(text)),
            (_, false) => self.run.push(Inline::text(text)),
        }
    }

    /// Ends what is being read: an item of the list if there is one, else a block.
    fn close_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        let heading = std::mem::take(&mut self.heading);
        if run.is_empty() {
            return;
        }
        match &mut self.list {
            Some(list) => list.items.push(run),
            None if heading => self.blocks.push(Block::Heading(run.into_iter().map(words).collect())),
            None => self.blocks.push(Block::Paragraph(run)),
        }
    }

    fn close_list(&mut self) {
        self.close_run();
        let Some(mut list) = self.list.take() else { return };
        list.depth -= 1;
        if list.depth > 0 {
            self.list = Some(list);
        } else if list.numbered {
            self.blocks.push(Block::Numbered(list.items));
        } else {
            self.blocks.push(Block::List(list.items));
        }
    }
}

fn words(inline: Inline) -> String {
    match inline {
        Inline::Text(text) | Inline::Bold(text) | Inline::Link { text, .. } => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_read_block_by_block() {
        let blocks = blocks("# Décision\n\nVotre aide est **accordée** :\n\n- un [suivi](https://exemple.fr/s) ;\n- le reste.\n\nFin.");
        assert_eq!(
            blocks,
            vec![
                Block::Heading("Décision".into()),
                Block::Paragraph(vec![Inline::text("Votre aide est "), Inline::bold("accordée"), Inline::text(" :")]),
                Block::List(vec![
                    vec![Inline::text("un "), Inline::link("suivi", "https://exemple.fr/s"), Inline::text(" ;")],
                    vec![Inline::text("le reste.")],
                ]),
                Block::text("Fin."),
            ]
        );
    }

    #[test]
    fn numbers_stay_numbers_and_inner_lists_join_the_outer() {
        let read = blocks("1. un\n2. deux\n   - dedans\n");
        assert_eq!(read, vec![Block::Numbered(vec![vec![Inline::text("un")], vec![Inline::text("deux")], vec![Inline::text("dedans")]])]);
    }

    #[test]
    fn lines_of_a_paragraph_join_and_a_hard_break_stays() {
        assert_eq!(blocks("a\nb\\\nc"), vec![Block::text("a b\nc")]);
    }

    #[test]
    fn two_paragraphs_in_an_item_are_two_lines() {
        assert_eq!(blocks("- a\n\n  b\n- c\n"), vec![Block::List(vec![vec![Inline::text("a\nb")], vec![Inline::text("c")]])]);
    }

    #[test]
    fn html_stays_visible_as_text() {
        assert_eq!(blocks("a <b>x</b>"), vec![Block::text("a <b>x</b>")]);
    }

    #[test]
    fn an_escaped_value_draws_nothing() {
        let value = "**gras** [x](https://mal.fr) # t\n- l <i> `c` 1. \\";
        let read = blocks(&format!("Bonjour {}.", escape(value)));
        assert_eq!(read, vec![Block::text(format!("Bonjour {}.", value.replace('\n', " ")))]);
    }
}
