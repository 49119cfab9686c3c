//! What is wrong with how the removal was asked for and approved.

use exeunt_model::verdict::Finding;

use super::control_points::Court;

/// Findings about approvals.
pub(crate) fn findings(court: &Court<'_, '_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if court.said.ticket.is_none() {
        return findings;
    }
    let finding = |code: &str, says: String| Finding { code: code.to_owned(), says };
    if court.said.whole && court.said.approvals.is_empty() {
        findings.push(finding("no_approval", "The ticket shows no approval of the removal.".to_owned()));
    }
    for approval in &court.said.approvals {
        let Some(by) = approval.by else { continue };
        let name = court.name(by);
        if approval.decision == Some(true) && court.is_executor(by) {
            findings.push(finding(
                "approver_is_executor",
                format!("{name} approved the removal and is the one who says it was done."),
            ));
        }
        if court.is_leaver(by) {
            findings
                .push(finding("approver_is_leaver", format!("{name}, who leaves, decided on the removal.")));
        }
    }
    findings
}
