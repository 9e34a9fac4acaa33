package labeler.guard.sense;

import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.guard.graph.Node;
import labeler.linux.HostPath;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;
import labeler.vm.ChainLayer;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;

/**
 * The rules that need the files themselves: their headers, and which files they are under whatever names. Asks nobody but
 * {@link FoundFiles}.
 */
public record FileRules(Meaning meaning, Situation situation) {
    /** Why the command is refused; empty if its files fit. */
    public Optional<Objection> objection(FoundFiles found) {
        return first(named().map(name -> ofSystem(name, found, situation.names()::isOfSystem)))
                .or(() -> first(openedAgain().map(name -> replaced(name, found))))
                .or(() -> first(meaning.added().stream()
                        .map(node -> node.objection(situation.nodes(), name -> known(found, name)))))
                .or(() -> first(meaning.wants().stream()
                        .filter(_ -> meaning.disk().isEmpty())
                        .map(want -> wanted(want, found))))
                .or(() -> first(found.below().stream().map(layer -> format(layer, found))))
                .or(() -> first(meaning.added().stream().flatMap(node -> headers(node, found))))
                .or(() -> first(meaning.reused().stream().flatMap(overlay -> reused(overlay, found))));
    }

    private Stream<HostPath> named() {
        return Stream.concat(
                meaning.wants().stream().flatMap(want -> want.use().names().stream()),
                meaning.added().stream().map(NewNode::file));
    }

    /** The files that qemu opens once more, by the names that its nodes have for them. */
    private Stream<HostPath> openedAgain() {
        return Stream.concat(
                meaning.widened().stream().map(Meaning.Widening::file),
                meaning.reopened().stream().flatMap(node -> situation.nodes().path(node).stream()));
    }

    /** qemu does not look whether it is the same file, and would go on in the other one. */
    private static Optional<Objection> replaced(HostPath name, FoundFiles found) {
        return Optional.of(name)
                .filter(found::isReplaced)
                .map(file -> new Objection(
                        Rule.S15,
                        file.printable() + " is another file by now than the one that qemu has open by this name, and"
                                + " it would open that one; move the first one back, or remove its nodes"));
    }

    /**
     * Why the file of a client's descriptor may not be the VM's: it is the host's own. N4 is not asked of it, since it is
     * not named.
     */
    public Optional<Objection> opened(HostPath name, FoundFiles found) {
        return ofSystem(name, found, situation.names()::isOpenedOfSystem);
    }

    /**
     * The same for a name. One in the VM's directories may be a link that leads out of them. A file that the VM has already
     * stays its own.
     */
    private static Optional<Objection> ofSystem(HostPath name, FoundFiles found, Predicate<HostPath> isOfSystem) {
        return found.realName(name)
                .filter(isOfSystem)
                .filter(_ -> found.known(name).isEmpty() && !found.isLeft(name))
                .map(real -> new Objection(
                        Rule.N5,
                        name.printable()
                                + (real.equals(name) ? " is" : " is a link to " + real.printable() + ",")
                                + " a file of the system; name a file of the VM, or add its directory to guard.roots"));
    }

    private static Optional<Objection> first(Stream<Optional<Objection>> rules) {
        return rules.flatMap(Optional::stream).findFirst();
    }

    private Stream<Optional<Objection>> headers(NewNode node, FoundFiles found) {
        return references(node.file(), found).map(reference -> header(node, reference, found));
    }

    /** The references that the header of an image has. */
    private static Stream<WrittenReference> references(HostPath file, FoundFiles found) {
        HostPath image = known(found, file);
        return found.headers().stream()
                .filter(header -> known(found, header.path()).equals(image))
                .flatMap(header -> header.references().stream())
                .map(ReadHeader.Found::reference);
    }

    /** qemu puts the image over the other one now, and the next start over what its header names. */
    private Stream<Optional<Objection>> reused(Meaning.Overlay overlay, FoundFiles found) {
        Node image =
                situation.graph().chain(overlay.below()).stream().findFirst().orElse(overlay.below());
        Optional<HostPath> below = situation.nodes().image(image);
        return references(overlay.file(), found)
                .filter(reference -> reference.role() == Role.BACKING)
                .filter(reference -> !isSame(HeaderName.path(reference.name(), overlay.file()), below, found))
                .map(reference -> Optional.of(new Objection(
                        Rule.S7,
                        "the header of " + overlay.file().printable() + " names the " + reference.words()
                                + ", and the command puts it over node " + image.name()
                                + "; make it on that image, or change its header with qemu-img rebase -u")));
    }

    private static boolean isSame(Optional<HostPath> one, Optional<HostPath> other, FoundFiles found) {
        return one.isPresent() && other.isPresent() && found.isSame(one.get(), other.get());
    }

    private static HostPath known(FoundFiles found, HostPath name) {
        return found.known(name).orElse(name);
    }

    /** A file that a command names by itself, as an output or as the target of a copy. */
    private Optional<Objection> wanted(Want want, FoundFiles found) {
        return switch (want.use()) {
            case DeclaredUse.ImageUse image ->
                wanted(
                        HostPath.of(image.image().name().bytes()),
                        image.image().access().isWriting(),
                        false,
                        image.image().format() instanceof labeler.chain.ImageRequest.Declared(ImageFormat format)
                                ? Optional.of(format)
                                : Optional.empty(),
                        found);
            case DeclaredUse.FileUse file
            when want.isOutput() && isOverImage(file, found) ->
                Optional.of(new Objection(
                        Rule.S13,
                        file.path().printable()
                                + " begins as an image does, of a VM perhaps that does not run; name a new"
                                + " file, or remove it first"));
            case DeclaredUse.FileUse file ->
                wanted(file.path(), file.access().isWriting(), want.isOutput(), Optional.empty(), found);
            case DeclaredUse.OptionalUse file ->
                wanted(file.path(), file.access().isWriting(), want.isOutput(), Optional.empty(), found);
            case DeclaredUse.MadeByQemu _, DeclaredUse.SearchedUse _, DeclaredUse.DeviceUse _, DeclaredUse.TreeUse _ ->
                Optional.empty();
        };
    }

    private Optional<Objection> wanted(
            HostPath name, boolean writes, boolean isOutput, Optional<ImageFormat> format, FoundFiles found) {
        Optional<HostPath> known = found.known(name);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Optional<Node> other = format.flatMap(word -> other(known.get(), word));
        if (other.isPresent()) {
            return Optional.of(NewNode.format(name, other.get()));
        }
        if (!writes) {
            return Optional.empty();
        }
        return Optional.of(
                isOutput
                        ? isInUse(name)
                        : NewNode.written(
                                name, situation.nodes().use(known.get()) == NodeFiles.Use.READ ? Rule.S3 : Rule.S5));
    }

    /**
     * A dump, a picture, a log: nobody wants one in the place of a disk. A new image may be made over an old one, and
     * memory that is a file (a virtual NVDIMM) keeps what is in it.
     */
    private static boolean isOverImage(DeclaredUse.FileUse file, FoundFiles found) {
        return !file.role().isImage()
                && file.role() != FileRole.MEMORY
                && found.known(file.path()).isEmpty()
                && found.isImage(file.path());
    }

    /** An output that is a file of the VM's. */
    public static Objection isInUse(HostPath file) {
        return new Objection(
                Rule.S13, file.printable() + " is a file that this VM has for something else; name a new one");
    }

    private Optional<Objection> format(ChainLayer layer, FoundFiles found) {
        return other(known(found, layer.path()), layer.format()).map(image -> NewNode.format(layer.path(), image));
    }

    private Optional<Node> other(HostPath known, ImageFormat format) {
        return otherFormat(known, format.driver());
    }

    private Optional<Node> otherFormat(HostPath known, String driver) {
        return situation.nodes().images(known).stream()
                .filter(image -> !driver.isEmpty() && !image.driver().equals(driver))
                .findFirst();
    }

    /** A name in the header of an image, in the light of what the command puts in its place. */
    private Optional<Objection> header(NewNode node, WrittenReference reference, FoundFiles found) {
        Optional<HostPath> named = HeaderName.path(reference.name(), node.file());
        if (reference.role() == Role.DATA_FILE) {
            return node.data()
                    .filter(_ -> !reference.name().isEmpty())
                    .filter(data ->
                            named.filter(file -> found.isSame(file, data)).isEmpty())
                    .map(data -> differs(node, reference, data));
        }
        if (reference.role() != Role.BACKING) {
            return Optional.empty();
        }
        Optional<Node> other = named.flatMap(file -> otherFormat(known(found, file), reference.format()));
        if (other.isPresent() && !(node.backing() instanceof NewNode.ByHeader)) {
            return Optional.of(
                    refusedLater(node, reference, "which is " + other.get().driver() + " in this VM"));
        }
        return switch (node.backing()) {
            case NewNode.ByHeader() -> Optional.empty();
            case NewNode.Image(HostPath below) ->
                named.filter(file -> found.isSame(file, below)).isPresent()
                        ? Optional.empty()
                        : Optional.of(differs(node, reference, below));
            case NewNode.Nothing(), NewNode.Elsewhere() -> hidden(node, reference, named, found);
        };
    }

    private static Objection differs(NewNode node, WrittenReference reference, HostPath given) {
        return new Objection(
                Rule.S7,
                "the header of " + node.file().printable() + " names the " + reference.words() + ", and the command "
                        + given.printable() + "; name the same, or change the header with qemu-img rebase -u");
    }

    /** qemu does not look at the name now, and the next start does. */
    private Optional<Objection> hidden(
            NewNode node, WrittenReference reference, Optional<HostPath> named, FoundFiles found) {
        Optional<String> why = named.isEmpty()
                ? Optional.of("which is no plain file")
                : wrong(named.get())
                        .or(() -> found.known(named.get()).isEmpty() && !found.isThere(named.get())
                                ? Optional.of("which is not there")
                                : Optional.empty())
                        .or(() -> reference.format().isEmpty()
                                ? Optional.of("without a format, which would have to be guessed")
                                : Optional.empty());
        return why.map(reason -> refusedLater(node, reference, reason));
    }

    private static Objection refusedLater(NewNode node, WrittenReference reference, String reason) {
        return new Objection(
                Rule.S12,
                "the header of " + node.file().printable() + " names the " + reference.words() + ", " + reason
                        + ", and the next start would be refused; correct it with qemu-img rebase -u");
    }

    private Optional<String> wrong(HostPath named) {
        if (situation.nodes().files().contains(named)) {
            return Optional.empty();
        }
        return named.utf8()
                .map(situation.names()::file)
                .flatMap(name -> name instanceof NameRules.Bad(Objection why)
                        ? Optional.of("and " + why.message())
                        : Optional.empty());
    }
}
