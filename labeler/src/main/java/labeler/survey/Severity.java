package labeler.survey;

import labeler.problem.Worded;

/** How bad a flaw is, the worst first. */
public enum Severity implements Worded {
    /** Another VM's or the host's data can be read or destroyed now. */
    DANGER,
    /** It can happen when something else is done: a VM is started, a pair is given out again. */
    WARNING,
    /** Nothing is unsafe by it. */
    NOTICE
}
