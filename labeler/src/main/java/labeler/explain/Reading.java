package labeler.explain;

import labeler.problem.Worded;

/** How a denial is to be taken. */
public enum Reading implements Worded {
    /** An access that no VM needs: another VM's file, a file of the host, another process. Look into that VM. */
    TRICKERY,
    /** The VM should have had this access: a label was lost, or the policy lacks a rule. */
    BUG,
    /** Nobody told the service that this VM needs this access. */
    MISSING_LABEL,
    /** qemu tries this by itself and does without. */
    HARMLESS,
    /** No VM that is held now, so that nothing is known about its files. */
    NO_VM
}
