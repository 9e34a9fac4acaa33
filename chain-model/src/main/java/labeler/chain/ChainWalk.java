package labeler.chain;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ReadersByFormat;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.name.ReferenceName;

/**
 * One walk: a queue of wanted files, so that a deep chain does not need a deep stack. A problem ends only the branch
 * below it.
 */
final class ChainWalk<F extends ImageFile> {
    /**
     * References to follow for each file that a chain may have. Honest images have two at most, or one name for each
     * extent. Files that all name each other could keep a walk busy for the square of their number.
     */
    private static final int REFERENCES_PER_NODE = 4;

    /** The limit for all names that are followed: in a chain of 200 with a data file each, each may have 1300. */
    private static final long MOST_NAME_BYTES = 512 << 10;

    /** The limit for all headers: 512 sparse extents of VMDK, each with the text in which its parent may be named. */
    private static final long MOST_HEADER_BYTES = 8 << 20;

    private final ImageOpener<F> opener;
    private final ChainLimits limits;
    private final ReadersByFormat readers;
    private final NodeGraph<F> graph = new NodeGraph<>();
    private final Findings findings = new Findings();
    private final Deque<Wanted> pending = new ArrayDeque<>();
    private final BackingResolver backings = new BackingResolver(findings);
    private int references;
    private long nameBytes;
    private long headerBytes;
    private boolean ended;

    ChainWalk(ImageOpener<F> opener, ChainLimits limits, ReadersByFormat readers) {
        this.opener = opener;
        this.limits = limits;
        this.readers = readers;
    }

    Chain<F> run(ImageRequest top) {
        boolean finished = false;
        try {
            pending.add(Wanted.top(top));
            while (!pending.isEmpty()) {
                visit(pending.remove());
            }
            graph.settleAccess();
            graph.nodes().forEach(this::checkUnchanged);
            finished = true;
            return findings.with(graph.nodes());
        } finally {
            if (!finished) {
                graph.closeAll();
            }
        }
    }

    private void want(Wanted wanted) {
        references++;
        nameBytes += wanted.name().length();
        if (references > REFERENCES_PER_NODE * limits.nodes() || nameBytes > MOST_NAME_BYTES) {
            end(
                    wanted.name(),
                    "the files of this chain name each other more than " + REFERENCES_PER_NODE * limits.nodes()
                            + " times, or with more than " + MOST_NAME_BYTES
                            + " bytes: rewrite the image with qemu-img convert");
        } else if (!ended) {
            pending.add(wanted);
        }
    }

    /** The walk ends here: further files would only make a refused chain longer. */
    private void end(FileName file, String message) {
        if (!ended) {
            findings.problem(Problem.Kind.TOO_MANY, file, message);
        }
        ended = true;
        pending.clear();
    }

    private void countRead(FileName file, BoundedReader reader) {
        headerBytes += reader.bytesAsked();
        if (headerBytes > MOST_HEADER_BYTES) {
            end(
                    file,
                    "the headers of this chain are of more than " + MOST_HEADER_BYTES
                            + " bytes: rewrite the image with qemu-img convert");
        } else if (findings.areFull()) {
            ended = true;
            pending.clear();
        }
    }

    private void visit(Wanted wanted) {
        switch (opener.open(wanted.name())) {
            case ImageOpener.NotOpened<F> not ->
                findings.problem(new Problem(not.kind(), wanted.name(), notOpened(wanted, not), namedBy(wanted)));
            case ImageOpener.Open<F> open -> keepOrClose(wanted, open.file());
        }
    }

    private void keepOrClose(Wanted wanted, F file) {
        boolean kept = false;
        try {
            kept = take(wanted, file);
        } finally {
            if (!kept) {
                file.close();
            }
        }
    }

    /** Returns whether the file is a node now. */
    private boolean take(Wanted wanted, F file) {
        var known = graph.indexOf(file.identity());
        if (known.isPresent()) {
            meetAgain(wanted, known.getAsInt());
            return false;
        }
        if (graph.size() == limits.nodes()) {
            end(
                    wanted.name(),
                    "the chain has more than " + limits.nodes() + " files: shorten it with qemu-img commit or rebase");
            return false;
        }
        BoundedReader reader = new BoundedReader(file, ReadBudget.HEADER);
        return switch (FormatDecision.of(wanted, reader, readers)) {
            case FormatDecision.Decided decided -> {
                int index = graph.add(wanted, decided, file);
                follow(wanted, index, reader);
                countRead(wanted.name(), reader);
                yield true;
            }
            case FormatDecision.Refused refused -> {
                findings.problem(new Problem(
                        refused.problem().kind(),
                        wanted.name(),
                        refused.problem().message(),
                        namedBy(wanted)));
                yield false;
            }
        };
    }

    /** A file reached a second time is the same node, unless the way to it closes a circle or leads on elsewhere. */
    private void meetAgain(Wanted wanted, int known) {
        Chain.Node<F> node = graph.node(known);
        if (wanted.parent().isPresent()) {
            int parent = wanted.parent().getAsInt();
            graph.connect(parent, known, wanted.role());
            if (graph.reaches(known, parent)) {
                findings.problem(
                        Problem.Kind.LOOP,
                        graph.node(parent).name(),
                        "its " + wanted.role().word() + " " + wanted.name() + " leads back to itself: point it to"
                                + " another file with qemu-img rebase -u");
                return;
            }
        }
        if (wanted.format() instanceof ImageRequest.Declared declared && declared.format() != node.format()) {
            findings.problem(
                    Problem.Kind.FORMAT_MISMATCH,
                    wanted.name(),
                    "it is used as " + node.format().driver() + " and as "
                            + declared.format().driver() + " in one chain: correct one of the two");
        } else if (node.format() != ImageFormat.RAW && !wanted.isFollowedAs(graph.wanted(known))) {
            // As a part it names other files than as a parent, and so it does in another image's directory.
            findings.problem(
                    Problem.Kind.UNSUPPORTED,
                    wanted.name(),
                    "one chain has it in two ways, and names in it mean other files in the one than in the other: give"
                            + " one of the two a copy of it, or convert the image with qemu-img convert");
        }
    }

    private void follow(Wanted wanted, int index, BoundedReader reader) {
        Chain.Node<F> node = graph.node(index);
        Optional<FormatReader> formatReader = readers.of(node.format());
        if (formatReader.isEmpty()) {
            findings.problem(
                    Problem.Kind.UNSUPPORTED,
                    node.name(),
                    node.format().driver() + " images cannot be followed: convert it to qcow2 or raw");
            followDeclared(wanted, index);
            return;
        }
        FormatReader known = formatReader.get();
        switch (wanted.part().map(part -> known.parsePart(reader, part.kind())).orElseGet(() -> known.parse(reader))) {
            case ParseResult.Parsed parsed -> {
                graph.setHeader(index, parsed.virtualSize(), wanted.heading(parsed.references()));
                refuseForeign(node);
                parsed.notes().forEach(note -> findings.warning(note.kind(), node.name(), note.message()));
                warnOfOtherContent(node, reader);
                followReferences(wanted, index, parsed.references());
            }
            case ParseResult.Failure failure -> {
                findings.failure(node.name(), node.format(), failure);
                followDeclared(wanted, index);
            }
        }
    }

    /** The files that it names are shown, but qemu would open none of them. */
    private void refuseForeign(Chain.Node<F> node) {
        if (!node.format().isQemus()) {
            findings.problem(
                    Problem.Kind.UNSUPPORTED,
                    node.name(),
                    "it is " + node.format().driver()
                            + ", which qemu does not open: convert it to qcow2 or raw with the tools that made it");
        }
    }

    /** A header that calls its backing file raw decides it, but another format may have been intended. */
    private void warnOfOtherContent(Chain.Node<F> node, BoundedReader reader) {
        if (node.format() == ImageFormat.RAW && node.formatSource() == Chain.FormatSource.HEADER) {
            List<String> claims = FormatDecision.claims(node.name(), reader);
            if (!claims.isEmpty()) {
                findings.warning(
                        Problem.Kind.FORMAT_MISMATCH,
                        node.name(),
                        "the overlay says raw, but its content looks like " + String.join(" and ", claims)
                                + "; it is used as raw");
            }
        }
    }

    private void followReferences(Wanted wanted, int index, List<Reference> references) {
        for (Reference reference : references) {
            switch (reference) {
                case Reference.DataFile dataFile -> followDataFile(wanted, index, dataFile);
                case Reference.Backing backing -> followHeaderBacking(wanted, index, backing);
                case Reference.Extent extent -> want(wanted.extent(extent, index));
                case Reference.Unfollowed named -> report(wanted, index, named);
            }
        }
        if (wanted.dataFile() instanceof ImageRequest.DeclaredDataFile
                && references.stream().noneMatch(Reference.DataFile.class::isInstance)) {
            findings.problem(
                    Problem.Kind.FORMAT_MISMATCH,
                    wanted.name(),
                    "a data file is declared for it, but its header does not have one: remove the declaration");
        }
        if (wanted.backing() instanceof ImageRequest.ProbedBacking
                && references.stream().noneMatch(Reference.Backing.class::isInstance)) {
            findings.problem(
                    Problem.Kind.CHANGED,
                    wanted.name(),
                    "a backing file was found in its header, and now there is none: start the VM anew");
        }
        followDeclaredBacking(wanted, index);
    }

    /** The declared file is wanted, even if the header could not be read. */
    private void followDeclared(Wanted wanted, int index) {
        if (wanted.dataFile() instanceof ImageRequest.DeclaredDataFile declared) {
            want(wanted.dataFile(declared.name(), Chain.NamedBy.DECLARATION, index));
        }
        followDeclaredBacking(wanted, index);
    }

    private void followDataFile(Wanted wanted, int index, Reference.DataFile dataFile) {
        switch (wanted.dataFile()) {
            case ImageRequest.DeclaredDataFile declared ->
                want(wanted.dataFile(declared.name(), Chain.NamedBy.DECLARATION, index));
            case ImageRequest.HeaderDataFile header ->
                new DataFileResolver(findings)
                        .resolve(wanted.name(), dataFile, header.base())
                        .ifPresent(name -> want(wanted.dataFile(name, Chain.NamedBy.HEADER, index)));
        }
    }

    private void report(Wanted wanted, int index, Reference.Unfollowed named) {
        boolean namesItself =
                ReferenceName.prefix(wanted.name()).concat(named.name()).equals(wanted.name());
        if (named.relation() == Relation.EXTENT && namesItself) {
            // The descriptor in a sparse VMDK names the file that it is in.
            return;
        }
        ImageFormat format = graph.node(index).format();
        findings.unfollowed(new Chain.Unfollowed(named.name(), named.relation(), format, wanted.name()));
        switch (named.relation()) {
            case PARENT -> refuseDifferencing(wanted, format, named.name());
            case BACKING, DATA_FILE, EXTENT, CHANGE_TRACKING, SIDECAR -> {}
        }
    }

    /**
     * Not for a part, since its descriptor names the parent of the whole; and not for an image that is refused anyway.
     */
    private void refuseDifferencing(Wanted wanted, ImageFormat format, FileName parent) {
        if (wanted.role() != Role.EXTENT && format.isQemus()) {
            findings.problem(
                    Problem.Kind.UNSUPPORTED,
                    wanted.name(),
                    "it is a differencing " + format.driver() + " image above " + parent
                            + ", which qemu does not follow: merge the two with the tools that made them");
        }
    }

    private void followHeaderBacking(Wanted wanted, int index, Reference.Backing backing) {
        switch (wanted.backing()) {
            case ImageRequest.HeaderBacking header ->
                backings.resolve(wanted.name(), backing).ifPresent(target -> {
                    if (isWithinDepth(wanted)) {
                        want(wanted.headerBacking(target.name(), target.format(), index));
                    }
                });
            case ImageRequest.ProbedBacking(ImageRequest image) -> {
                if (backings.confirms(wanted.name(), backing, image) && isWithinDepth(wanted)) {
                    want(Wanted.probedBacking(image, wanted.depth() + 1, index));
                }
            }
            case ImageRequest.NoBacking none ->
                report(wanted, index, new Reference.Unfollowed(backing.name(), Relation.BACKING));
            // The declared file takes its place, and is usually the same.
            case ImageRequest.DeclaredBacking declared -> {}
            case ImageRequest.ExternalBacking external -> {}
        }
    }

    private void followDeclaredBacking(Wanted wanted, int index) {
        switch (wanted.backing()) {
            case ImageRequest.HeaderBacking header -> {}
            case ImageRequest.ProbedBacking probed -> {}
            case ImageRequest.NoBacking none -> {}
            case ImageRequest.DeclaredBacking declared -> {
                if (isWithinDepth(wanted)) {
                    want(Wanted.declaredBacking(declared.image(), wanted.depth() + 1, index));
                }
            }
            case ImageRequest.ExternalBacking external -> backings.declared(wanted.name(), external);
        }
    }

    private boolean isWithinDepth(Wanted overlay) {
        if (overlay.depth() < limits.depth()) {
            return true;
        }
        findings.problem(
                Problem.Kind.TOO_DEEP,
                overlay.name(),
                "it is backing file number " + overlay.depth() + " and has one itself, more than " + limits.depth()
                        + ": shorten the chain with qemu-img commit or rebase");
        return false;
    }

    private void checkUnchanged(Chain.Node<F> node) {
        try {
            if (node.file().changed()) {
                findings.problem(
                        Problem.Kind.CHANGED,
                        node.name(),
                        "it was replaced or rewritten while the chain was read: try again when nothing changes it");
            }
        } catch (IOException e) {
            findings.problem(
                    Problem.Kind.UNREADABLE,
                    node.name(),
                    "cannot tell whether it is still the same file: " + e.getMessage());
        }
    }

    private Optional<FileName> namedBy(Wanted wanted) {
        return wanted.parent().stream()
                .mapToObj(parent -> graph.node(parent).name())
                .findFirst();
    }

    private String notOpened(Wanted wanted, ImageOpener.NotOpened<F> not) {
        return wanted.parent().isEmpty()
                ? not.detail()
                : not.detail() + "; it is the " + wanted.role().word() + " of "
                        + graph.node(wanted.parent().getAsInt()).name()
                        + ": restore it, or point to another with qemu-img rebase -u or amend";
    }
}
