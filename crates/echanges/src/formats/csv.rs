//! CSV as French spreadsheets and business software read it: semicolons, UTF-8, one line of names, one of values.
//! A cell that a spreadsheet would take for a formula is preceded by an apostrophe.

use kernel::{Error, Result};

use crate::Document;

pub(super) fn write(document: &Document) -> Result<Vec<u8>> {
    let mut out = ::csv::WriterBuilder::new().delimiter(b';').terminator(::csv::Terminator::CRLF).from_writer(vec![]);
    let names = document.fields.iter().map(|field| field.path.as_str());
    out.write_record(names).map_err(Error::internal)?;
    let cells = document.fields.iter().map(|field| neutral(super::text(&field.value)));
    out.write_record(cells).map_err(Error::internal)?;
    out.into_inner().map_err(Error::internal)
}

/// A number stays a number; anything else that starts like a formula becomes text.
fn neutral(cell: String) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if is_formula && cell.replace(',', ".").parse::<f64>().is_err() { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(document: &Document) -> String {
        String::from_utf8(write(document).expect("written")).expect("UTF-8")
    }

    #[test]
    fn a_line_of_names_and_a_line_of_values() {
        let document =
            Document::new("").with("Nom", "Désirée; \"dite\" D.").with("Exemplaires", 2).with("Urgent", true).with("Vide", serde_json::Value::Null);
        assert_eq!(csv(&document), "Nom;Exemplaires;Urgent;Vide\r\n\"Désirée; \"\"dite\"\" D.\";2;oui;\r\n");
    }

    #[test]
    fn a_formula_becomes_text_and_a_number_does_not() {
        let document = Document::new("").with("a", "=2+2").with("b", "@SUM(A1)").with("c", "-12,5").with("d", "+33 6 12").with("e", "\t=1");
        assert_eq!(csv(&document).lines().nth(1), Some("'=2+2;'@SUM(A1);-12,5;'+33 6 12;'\t=1"));
    }
}
