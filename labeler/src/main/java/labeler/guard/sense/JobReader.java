package labeler.guard.sense;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Node;
import labeler.journal.HoldTrigger;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.vm.FileRole;
import labeler.vm.SetName;
import labeler.vm.UseAccess;

/** Commands that change a chain: snapshots, and the jobs that move data between its images. */
final class JobReader {
    private static final String DEVICE = "device";
    private static final String BACKING_FILE = "backing-file";

    private final Situation situation;
    private final MeaningBuilder out;
    private final NodeReader nodes;

    JobReader(Situation situation, MeaningBuilder out) {
        this.situation = situation;
        this.out = out;
        this.nodes = new NodeReader(situation, out);
    }

    /** {@code blockdev-snapshot}: the overlay has nothing above or below it yet. */
    void snapshot(JsonObject arguments) {
        Optional<Node> top = situation.snapped(arguments);
        Optional<Node> overlay = arguments.text("overlay").flatMap(situation.graph()::driveOrNode);
        if (top.isEmpty() || overlay.isEmpty()) {
            return;
        }
        boolean isUsed = !situation.graph().overlays(overlay.get().name()).isEmpty()
                || situation.graph().chain(overlay.get()).size() > 1
                || situation.graph().isOfDevice(overlay.get());
        if (isUsed) {
            out.refuse(
                    Rule.S9,
                    "node " + overlay.get().name() + " is in a chain already; an overlay is a node of its own, added"
                            + " with \"backing\": null");
        }
        situation.headerDiffers(overlay.get(), top.get()).ifPresent(out::refuse);
        reopened(top.get());
        out.header(overlay.get(), situation.nodes());
    }

    /** {@code blockdev-snapshot-sync}: qemu makes the overlay, or opens one that is there. */
    void snapshotSync(JsonObject arguments) {
        Optional<Node> top = situation.snapped(arguments);
        nodes.reserved(arguments.text("snapshot-node-name"));
        Optional<Made> made = made(arguments, "snapshot-file", "blockdev-snapshot-sync", new HoldTrigger.Graph());
        top.ifPresent(node -> {
            reopened(node);
            made.ifPresent(image -> {
                Meaning.Overlay overlay = image.over(node);
                if (image.exists()) {
                    out.reuse(overlay);
                } else {
                    out.overlay(overlay);
                }
            });
        });
    }

    /** {@code drive-mirror} and {@code drive-backup}: qemu makes the target, or opens one that is there. */
    void copyToFile(JsonObject arguments, String command) {
        nodes.reserved(arguments.text("node-name"));
        Optional<Made> made = made(arguments, "target", command, new HoldTrigger.Job(job(arguments)));
        List<Node> chain = situation.chain(arguments.text(DEVICE));
        if (made.isPresent() && !chain.isEmpty()) {
            out.copy(new Meaning.Copy(
                    made.get().path(),
                    made.get().format(),
                    made.get().exists(),
                    chain.getFirst(),
                    belowCopy(arguments, chain),
                    arguments.text("node-name")));
            // To a copy of what is overwritten, qemu gives the disk as its backing file.
            boolean isPutOver =
                    command.equals("drive-backup") && arguments.text("sync").equals(Optional.of("none"));
            made.filter(image -> image.exists() && isPutOver)
                    .ifPresent(image -> out.reuse(image.over(chain.getFirst())));
        }
    }

    /** A copy of the top alone lies on what the top lies on; one that gets only what is overwritten, on the top. */
    private static Optional<Node> belowCopy(JsonObject arguments, List<Node> chain) {
        return switch (arguments.text("sync").orElse("")) {
            case "top" -> chain.stream().skip(1).findFirst();
            case "none" -> Optional.of(chain.getFirst());
            default -> Optional.empty();
        };
    }

    /** An image that a command names in qemu's older way. */
    private record Made(HostPath path, ImageFormat format, boolean exists) {
        Meaning.Overlay over(Node below) {
            return new Meaning.Overlay(path, format, below);
        }
    }

    private Optional<Made> made(JsonObject arguments, String key, String command, HoldTrigger end) {
        Optional<ImageFormat> format = nodes.format(arguments, command);
        Optional<HostPath> path =
                out.path(situation.names().legacy(arguments.text(key).orElse("")));
        if (format.isEmpty() || path.isEmpty()) {
            return Optional.empty();
        }
        if (situation.nodes().files().contains(path.get())) {
            out.refuse(
                    Rule.S9,
                    path.get().printable() + " is a file of this VM already; give the new image one of its own");
        }
        boolean exists = arguments.text("mode").filter("existing"::equals).isPresent();
        if (exists) {
            out.want(nodes.image(path.get(), format.get(), true, FileRole.DISK), end);
        } else {
            out.file(new NameRules.Good(path.get()), FileRole.DISK, UseAccess.CREATE, end);
        }
        out.header(path.get(), format.get());
        return Optional.of(new Made(path.get(), format.get(), exists));
    }

    /** {@code blockdev-mirror} and {@code blockdev-backup}: the target is a node of its own. */
    void copyToNode(JsonObject arguments) {
        String job = job(arguments);
        Optional<Node> source = arguments.text(DEVICE).flatMap(situation.graph()::driveOrNode);
        Optional<Node> target = arguments.text("target").flatMap(situation.graph()::driveOrNode);
        if (target.isEmpty()) {
            return;
        }
        // An action before in the same transaction may make the source: the target is written all the same.
        if (source.map(situation.graph()::chain).orElse(List.of()).contains(target.get())) {
            out.refuse(
                    Rule.S9,
                    "node " + target.get().name() + " is in the chain of "
                            + source.get().name() + "; copy to a node of its own");
        }
        out.widen(target.get(), situation.nodes(), new HoldTrigger.Job(job));
        out.job(job);
    }

    /** {@code block-commit}. At the end of one below the top, qemu writes the header of each overlay of the top. */
    void commit(JsonObject arguments) {
        String job = job(arguments);
        List<Node> chain = situation.chain(arguments.text(DEVICE));
        if (chain.isEmpty()) {
            return;
        }
        boolean hasTop = has(arguments, "top-node", "top");
        boolean hasBase = has(arguments, "base-node", "base");
        int top = hasTop ? situation.place(chain, arguments.text("top-node"), arguments.text("top")) : 0;
        int base = hasBase
                ? situation.place(chain, arguments.text("base-node"), arguments.text("base"))
                : chain.size() - 1;
        if (top < 0 || base < 0 || base <= top) {
            outOfOrder(arguments, base, top);
            return;
        }
        written(chain.get(base), job);
        if (top == 0) {
            headerText(arguments, chain.getFirst(), chain.get(base));
        } else {
            overlays(chain, top).forEach(overlay -> {
                if (overlay.isReadOnly()) {
                    // The guard has its header written before, to see whether qemu can.
                    sameFormat(overlay, chain.get(top));
                }
                out.rewritten(overlay);
                written(overlay, job);
                out.header(overlay, situation.nodes());
                headerText(arguments, overlay, chain.get(base));
            });
            out.below(chain.get(base), situation.nodes());
        }
        out.job(job);
    }

    /** The images over the top: the one of this chain, and those of others that share what is below. */
    private Set<Node> overlays(List<Node> chain, int top) {
        Set<Node> overlays = new LinkedHashSet<>(List.of(chain.get(top - 1)));
        overlays.addAll(situation.graph().overlays(chain.get(top).name()));
        return overlays;
    }

    private void outOfOrder(JsonObject arguments, int base, int top) {
        String chain = " is not in the chain of "
                + NameRules.printable(arguments.text(DEVICE).orElse(""));
        String fact = base < 0 ? "the base" + chain : top < 0 ? "the top" + chain : "the base is not below the top";
        out.refuse(Rule.S9, fact + "; name another: query-named-block-nodes shows the chain");
    }

    /** {@code block-stream}: what is below moves into the image that is named. */
    void stream(JsonObject arguments) {
        String job = job(arguments);
        List<Node> chain = situation.chain(arguments.text(DEVICE));
        if (chain.isEmpty()) {
            return;
        }
        int base = streamBase(chain, arguments);
        if (base <= 0) {
            out.refuse(
                    Rule.S9,
                    "the base, or the bottom, is not below "
                            + NameRules.printable(arguments.text(DEVICE).orElse(""))
                            + "; name another: query-named-block-nodes shows the chain");
            return;
        }
        written(chain.getFirst(), job);
        out.header(chain.getFirst(), situation.nodes());
        if (base < chain.size()) {
            headerText(arguments, chain.getFirst(), chain.get(base));
            out.below(chain.get(base), situation.nodes());
        } else if (arguments.text(BACKING_FILE).filter(text -> !text.isEmpty()).isPresent()) {
            out.refuse(Rule.S8, "a backing-file without a base; leave it out, since nothing will be below");
        }
        out.job(job);
    }

    /** The image that stays below: the base, or the one below the lowest that goes; the chain's end if there is none. */
    private int streamBase(List<Node> chain, JsonObject arguments) {
        if (has(arguments, "base-node", "base")) {
            return situation.place(chain, arguments.text("base-node"), arguments.text("base"));
        }
        Optional<String> bottom = arguments.text("bottom");
        int lowest = bottom.isPresent() ? situation.place(chain, bottom, Optional.empty()) : chain.size() - 1;
        return bottom.isPresent() && lowest <= 0 ? lowest : lowest + 1;
    }

    /** {@code change-backing-file}: qemu writes any text into the header, and asks nobody. */
    void changeBackingFile(JsonObject arguments) {
        Optional<Node> image = arguments.text("image-node-name").flatMap(situation.graph()::node);
        if (image.isEmpty()) {
            return;
        }
        List<Node> chain = situation.graph().chain(image.get());
        String text = arguments.text(BACKING_FILE).orElse("");
        if (chain.size() < 2
                ? !text.isEmpty()
                : isSet(text) || !situation.isHeaderName(text, image.get(), chain.get(1))) {
            out.refuse(
                    Rule.S8,
                    chain.size() < 2
                            ? "nothing is below " + image.get().name() + "; give an empty backing-file"
                            : "the name " + NameRules.printable(text) + " is not that of the image below "
                                    + image.get().name() + "; name the file of node "
                                    + chain.get(1).name());
        }
        if (chain.size() > 1) {
            sameFormat(image.get(), chain.get(1));
        }
        out.widen(image.get(), situation.nodes(), new HoldTrigger.Settling());
        out.header(image.get(), situation.nodes());
    }

    /** {@code change-backing-file} gives the image below the format of the image itself, whatever it has. */
    private void sameFormat(Node image, Node below) {
        if (!image.driver().equals(below.driver())) {
            out.refuse(
                    Rule.S12,
                    "qemu would write " + image.driver() + " into the header of node " + image.name()
                            + " as the format of what is below, and that is " + below.driver()
                            + ", so that the next start would be refused; stop the VM, and use qemu-img");
        }
    }

    /** @param written the image into whose header the name goes */
    private void headerText(JsonObject arguments, Node written, Node below) {
        Optional<String> text = arguments.text(BACKING_FILE);
        if (text.isPresent() && (isSet(text.get()) || !situation.isHeaderName(text.get(), written, below))) {
            out.refuse(
                    Rule.S8,
                    "the name " + NameRules.printable(text.get()) + " is not that of node " + below.name()
                            + ", which will be below; leave backing-file out, and qemu writes the right one");
        }
    }

    /** The number of a set means nothing at the next start. */
    private static boolean isSet(String text) {
        return SetName.isMeantBy(text);
    }

    private void written(Node image, String job) {
        out.widen(image, situation.nodes(), new HoldTrigger.Job(job));
        reopened(image);
    }

    private void reopened(Node image) {
        situation.graph().files(image.name()).forEach(out::reopen);
    }

    private static boolean has(JsonObject arguments, String node, String file) {
        return arguments.text(node).isPresent() || arguments.text(file).isPresent();
    }

    /** {@link JobNames} has written it where the client had none. */
    private static String job(JsonObject arguments) {
        return arguments.text("job-id").orElse("");
    }
}
