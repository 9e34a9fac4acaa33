package labeler.leftover;

import java.util.EnumSet;
import java.util.Optional;
import labeler.apply.Labels;
import labeler.linux.Access;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.plan.HeldFiles;
import labeler.selinux.SecurityContext;

/**
 * Searches directories for labels whose pair nobody holds: those that libvirt left on a host over the years. It works
 * on one part at a time, so that no request takes long, no list grows, and the caller can stop and go on. Reads and
 * sets labels without the lock.
 *
 * @param held asked again for each file
 * @param image the context of files that a VM writes: other types with pairs are not VMs'
 */
public record Scan(
        Linux linux,
        Labels labels,
        PairsInUse pairs,
        HeldFiles held,
        DirectoryPolicy policy,
        SecurityContext image,
        PartSize size) {
    /**
     * The size of one part.
     *
     * @param names that are read
     * @param files that are found
     */
    public record PartSize(int names, int files) {
        /** The work of a second, or a few on a busy host; and one page of an answer. */
        public static final PartSize DEFAULT = new PartSize(50_000, 1_000);
    }

    /** A client that has asked for a part, while it is scanned. */
    public interface Asker {
        /**
         * Hears of a file that has just got another label. The answer may never come, and nothing else records the label
         * that it had.
         */
        void hears(Leftover mended);

        /** Whether it waits no more. Then nothing more is looked at, or changed. */
        boolean hasGone();
    }

    private static final OpenRequest NAMED =
            new OpenRequest(Access.READ_ONLY, EnumSet.of(FileType.DIRECTORY), OpenRequest.Links.FOLLOW);

    /** Scans one part. The name of the directory may contain links; links below it are not followed. */
    public ScanOutcome scan(ScanRequest request, Asker asker) {
        HostPath directory;
        switch (linux.open().open(request.directory(), NAMED)) {
            case OpenRefusal refusal -> {
                return noPlace(request, refusal);
            }
            case OpenedFile named -> {
                directory = named.realPath();
                named.close();
            }
        }
        return switch (linux.open().open(directory, OpenRequest.DIRECTORY)) {
            case OpenRefusal refusal -> noPlace(request, refusal);
            case OpenedFile root -> {
                try (root) {
                    yield scan(root, request, asker);
                } catch (LinuxException e) {
                    yield new ScanOutcome.NotScanned(String.valueOf(e.getMessage()));
                }
            }
        };
    }

    /** By the name in the request: there may be several. */
    private static ScanOutcome noPlace(ScanRequest request, OpenRefusal refusal) {
        return new ScanOutcome.NoSuchPlace(request.directory().printable() + ": " + refusal.detail()
                + "; name a directory that can be looked through");
    }

    private ScanOutcome scan(OpenedFile root, ScanRequest request, Asker asker) throws LinuxException {
        Optional<ScanPosition> after = request.after().map(path -> ScanPosition.of(path, root.path()));
        if (after.filter(ScanPosition::isEnd).isPresent()) {
            return new ScanOutcome.NoSuchPlace(request.after().orElseThrow().printable() + " is not below "
                    + root.path().printable());
        }
        return new ScanOutcome.Scanned(new DirectoryScan(this, root, request.apply(), pairs.now(), asker).run(after));
    }
}
