package labeler.server;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.leftover.Leftover;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanPage;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.selinux.StoredLabel;

/** What is found below directories that are not there: it depends on their names. */
final class FakeScan {
    private FakeScan() {}

    /** Two parts, each with a file. Directories named "clean" and "closed" have one part without a file. */
    static ScanOutcome scan(ScanRequest request, Consumer<Leftover> mended) {
        if (request.directory().equals(HostPath.of("/missing"))) {
            return new ScanOutcome.NoSuchPlace("/missing: no such file or directory");
        }
        if (request.directory().equals(HostPath.of("/clean"))) {
            return new ScanOutcome.Scanned(
                    new ScanPage(List.of(), 3, Optional.of(0L), List.of("odd"), Optional.empty()));
        }
        if (request.directory().equals(HostPath.of("/closed"))) {
            return new ScanOutcome.Scanned(
                    new ScanPage(List.of(), 3, Optional.of(1L), List.of("not looked through"), Optional.empty()));
        }
        boolean first = request.after().isEmpty();
        if (!first && request.directory().equals(HostPath.of("/silent"))) {
            return new ScanOutcome.NotScanned("it does not answer");
        }
        Leftover file = new Leftover(
                first ? FakeLifecycle.LATIN : HostPath.of("/vm/second"),
                StoredLabel.of(FakeLifecycle.IMAGE.at(FakeLifecycle.LEVEL)),
                Optional.of(FakeLifecycle.IMAGE),
                request.apply() ? Leftover.Fate.MENDED : Leftover.Fate.FOUND,
                "as it is");
        if (request.apply()) {
            mended.accept(file);
        }
        return new ScanOutcome.Scanned(new ScanPage(
                List.of(file),
                5,
                Optional.empty(),
                List.of(),
                first ? Optional.of(FakeLifecycle.LATIN) : Optional.empty()));
    }
}
