package labeler.doctor;

import java.util.List;

/**
 * All that was looked at.
 *
 * @param healthy whether there is no fault
 */
public record Examination(boolean healthy, List<Finding> findings) {
    public Examination {
        findings = List.copyOf(findings);
    }

    public static Examination of(List<Finding> findings) {
        return new Examination(
                findings.stream().noneMatch(finding -> finding.state() == Finding.State.FAULT), findings);
    }
}
