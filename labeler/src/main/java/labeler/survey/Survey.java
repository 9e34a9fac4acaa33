package labeler.survey;

import java.util.List;

/**
 * The result.
 *
 * @param safe whether nothing unsafe was found; a notice is not unsafe
 * @param complete whether everything could be looked at and judged
 * @param findings the worst first
 */
public record Survey(boolean safe, boolean complete, Looked looked, List<Flaw> findings, List<Unseen> unseen) {
    public Survey {
        findings = List.copyOf(findings);
        unseen = List.copyOf(unseen);
    }

    /** The number of findings that are as bad as this. */
    public long count(Severity severity) {
        return findings.stream().filter(flaw -> flaw.severity() == severity).count();
    }
}
