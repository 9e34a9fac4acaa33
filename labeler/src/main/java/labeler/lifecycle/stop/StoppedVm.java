package labeler.lifecycle.stop;

import labeler.lifecycle.VmReport;
import labeler.review.Review;

/** A VM that was stopped, and its headers, which are to be read again. */
record StoppedVm(VmReport report, Review review) {
    Review due() {
        return report.stillRunning().isPresent() ? review.endingNothing() : review;
    }

    StoppedVm joinedBy(LibvirtCleanup.Left left) {
        return new StoppedVm(report.joinedBy(left.files()).with(left.problems()), review);
    }
}
