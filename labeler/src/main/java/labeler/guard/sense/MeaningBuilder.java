package labeler.guard.sense;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.guard.graph.Node;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.hotplug.HotplugDisk;

/** Collects what a command does to files. The first objection counts; nothing after it matters. */
final class MeaningBuilder {
    private final Origin origin;
    private final List<Want> wants = new ArrayList<>();
    private final List<Meaning.Widening> widened = new ArrayList<>();
    private final Set<Node> reopened = new LinkedHashSet<>();
    private final Set<Node> switched = new LinkedHashSet<>();
    private final Map<HostPath, ImageFormat> headers = new LinkedHashMap<>();
    private final List<Meaning.Overlay> overlays = new ArrayList<>();
    private final List<Meaning.Overlay> reused = new ArrayList<>();
    private final List<Meaning.Copy> copies = new ArrayList<>();
    private final List<HoldTrigger> ended = new ArrayList<>();
    private final List<NewNode> added = new ArrayList<>();
    private final List<Node> rewritten = new ArrayList<>();
    private Optional<HotplugDisk> disk = Optional.empty();
    private Optional<HostPath> below = Optional.empty();
    private Optional<String> job = Optional.empty();
    private Optional<Objection> objection = Optional.empty();

    /** @param command by whose name its files are known */
    MeaningBuilder(String command) {
        this.origin = new Origin(command);
    }

    /** The result. */
    sealed interface Result {}

    record Understood(Meaning meaning) implements Result {}

    record Refused(Objection objection) implements Result {}

    Result result() {
        return objection
                .<Result>map(Refused::new)
                .orElseGet(() -> new Understood(new Meaning(
                        wants, widened, reopened, switched, headers, overlays, reused, copies, disk, added, below,
                        rewritten, job, ended)));
    }

    void refuse(Rule rule, String message) {
        refuse(new Objection(rule, message));
    }

    void refuse(Objection why) {
        if (objection.isEmpty()) {
            objection = Optional.of(why);
        }
    }

    /** The path of a name, or nothing and an objection. */
    Optional<HostPath> path(NameRules.Name name) {
        return switch (name) {
            case NameRules.Good(HostPath path) -> Optional.of(path);
            case NameRules.Bad(Objection why) -> {
                refuse(why);
                yield Optional.empty();
            }
        };
    }

    void want(DeclaredUse use, HoldTrigger end) {
        wants.add(new Want(use, end, false));
    }

    /** A file that is used as it is. */
    void file(NameRules.Name name, FileRole role, UseAccess access, HoldTrigger end) {
        path(name)
                .ifPresent(path -> wants.add(new Want(
                        new DeclaredUse.FileUse(origin, role, path, access), end, access == UseAccess.CREATE)));
    }

    /** An image that the VM will write: its own file, and those beside it, but none below it. */
    void widen(Node image, NodeFiles nodes, HoldTrigger end) {
        reopened.addAll(nodes.graph().files(image.name()));
        Optional<HostPath> own = nodes.image(image);
        for (HostPath file : nodes.files(image)) {
            boolean isOwn = own.filter(file::equals).isPresent();
            ImageFormat format =
                    ImageFormat.ofDriver(image.driver()).filter(_ -> isOwn).orElse(ImageFormat.RAW);
            ImageRequest request = new ImageRequest(
                    FileName.of(file.bytes()),
                    new ImageRequest.Declared(format),
                    Access.READ_WRITE,
                    new ImageRequest.NoBacking(),
                    new ImageRequest.HeaderDataFile(new ImageRequest.BesideImage()));
            widened.add(
                    new Meaning.Widening(file, new DeclaredUse.ImageUse(origin, FileRole.DISK, request, false), end));
        }
    }

    void reopen(Node node) {
        reopened.add(node);
    }

    /** Nodes become inactive, or active. */
    void switched(List<Node> files) {
        switched.addAll(files);
    }

    /** The image of a node gets another header. */
    void header(Node image, NodeFiles nodes) {
        ImageFormat.ofDriver(image.driver())
                .ifPresent(format -> nodes.image(image).ifPresent(path -> header(path, format)));
    }

    /** qemu makes an overlay of an image. */
    void overlay(Meaning.Overlay made) {
        overlays.add(made);
    }

    /** qemu puts an image that is there already over another one, and does not look at its header. */
    void reuse(Meaning.Overlay image) {
        reused.add(image);
    }

    /** A disk is copied to an image that the command names. */
    void copy(Meaning.Copy made) {
        copies.add(made);
    }

    void header(HostPath image, ImageFormat format) {
        headers.put(image, format);
    }

    void disk(HotplugDisk joining, List<NewNode> nodes) {
        disk = Optional.of(joining);
        added.addAll(nodes);
    }

    /** The name of this image goes into a header. */
    void below(Node image, NodeFiles nodes) {
        below = nodes.image(image);
    }

    /** The header of this image is written while a job ends. */
    void rewritten(Node image) {
        rewritten.add(image);
    }

    void job(String id) {
        job = Optional.of(id);
    }

    void end(HoldTrigger end) {
        ended.add(end);
    }

    Origin origin() {
        return origin;
    }
}
