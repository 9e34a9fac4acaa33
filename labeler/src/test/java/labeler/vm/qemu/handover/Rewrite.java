package labeler.vm.qemu.handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import labeler.chain.ImageFormat;
import labeler.chain.Role;
import labeler.linux.HostPath;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.qemu.option.QemuCommandLine;

/** A command line rewritten in a test that passes every file below /nfs. */
record Rewrite(List<ImageChain> chains, Map<HostPath, HostPath> copies) {
    private static final HostPath DIRECTORY = HostPath.of("/nfs/cwd");

    static Rewrite with(ImageChain... chains) {
        return new Rewrite(List.of(chains), Map.of());
    }

    Rewrite copying(String path, String copy) {
        return new Rewrite(chains, Map.of(HostPath.of(path), HostPath.of(copy)));
    }

    /** A chain of images with no more than a backing file each: {@code /path format …}, the top first. */
    static ImageChain chain(String origin, String... pathsAndFormats) {
        List<ChainLayer> below = List.of();
        for (int i = pathsAndFormats.length - 2; i >= 0; i -= 2) {
            below = List.of(
                    layer(pathsAndFormats[i], pathsAndFormats[i + 1], i == 0 ? Role.IMAGE : Role.BACKING, below));
        }
        return new ImageChain(new Origin(origin), below.getFirst());
    }

    static ChainLayer layer(String path, String format, Role role, List<ChainLayer> below) {
        return new ChainLayer(
                HostPath.of(path), ImageFormat.ofDriver(format).orElseThrow(), role, path.startsWith("/dev/"), below);
    }

    /** The same chain and one more file, which the layer of this depth names. */
    static ImageChain plus(ImageChain chain, String path, String format, Role role, int depth) {
        return new ImageChain(chain.origin(), plus(chain.image(), layer(path, format, role, List.of()), depth));
    }

    private static ChainLayer plus(ChainLayer layer, ChainLayer one, int depth) {
        List<ChainLayer> below = depth == 0
                ? Stream.concat(layer.below().stream(), Stream.of(one)).toList()
                : List.of(plus(layer.below().getFirst(), one, depth - 1));
        return new ChainLayer(layer.path(), layer.format(), layer.role(), layer.blockDevice(), below);
    }

    RewriteResult of(String... options) {
        List<byte[]> argv = Stream.concat(Stream.of("qemu-system-x86_64"), Stream.of(options))
                .map(option -> option.getBytes(StandardCharsets.UTF_8))
                .toList();
        return new DescriptorCommandLine(
                        QemuCommandLine.read(argv, DIRECTORY),
                        chains,
                        path -> path.toString().startsWith("/nfs/"),
                        copies)
                .rewriting();
    }

    RewriteResult.Rewritten done(String... options) {
        RewriteResult rewriting = of(options);
        assertThat(rewriting).isInstanceOf(RewriteResult.Rewritten.class);
        return (RewriteResult.Rewritten) rewriting;
    }

    RewriteResult.NotPossible refused(String... options) {
        RewriteResult rewriting = of(options);
        assertThat(rewriting).isInstanceOf(RewriteResult.NotPossible.class);
        return (RewriteResult.NotPossible) rewriting;
    }

    /** The options, without the program's name. */
    static List<String> options(RewriteResult.Rewritten rewritten) {
        return rewritten.argv().stream()
                .skip(1)
                .map(option -> new String(option, StandardCharsets.UTF_8))
                .toList();
    }

    /** {@code 1 rw direct /nfs/top}, …. */
    static List<String> sets(RewriteResult.Rewritten rewritten) {
        return rewritten.descriptors().stream()
                .map(set -> set.set() + " "
                        + switch (set.access()) {
                            case READ_ONLY -> "r";
                            case READ_WRITE -> "rw";
                            case WRITE_ONLY -> "w";
                        }
                        + (set.direct() ? " direct " : " ") + set.path())
                .toList();
    }
}
