package labeler.chain.fuzz;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import labeler.chain.FileName;
import labeler.chain.detect.ContentProbe;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.bochs.BochsReader;
import labeler.chain.format.cloop.CloopReader;
import labeler.chain.format.cow.CowReader;
import labeler.chain.format.dmg.DmgReader;
import labeler.chain.format.luks.LuksReader;
import labeler.chain.format.parallels.DiskDescriptorReader;
import labeler.chain.format.parallels.ParallelsReader;
import labeler.chain.format.qcow.QcowReader;
import labeler.chain.format.qcow2.Qcow2Reader;
import labeler.chain.format.qed.QedReader;
import labeler.chain.format.raw.RawReader;
import labeler.chain.format.vdi.VdiReader;
import labeler.chain.format.vhdx.VhdxReader;
import labeler.chain.format.vmdk.VmdkReader;
import labeler.chain.format.vpc.VpcReader;
import labeler.chain.name.BlockOptions;
import labeler.chain.name.ReferenceName;

/**
 * A parser, or the walk, that gets random inputs.
 *
 * @param seeds with which the chance begins
 * @param answer to an input; throws an {@link AssertionError} if something does not hold of it
 */
record FuzzTarget(String name, List<byte[]> seeds, Function<byte[], ?> answer) {
    static List<FuzzTarget> all() {
        return List.of(
                parser("BOCHS", new BochsReader(), Seeds.bochs()),
                parser("CLOOP", new CloopReader(), Seeds.cloop()),
                parser("COW", new CowReader(), Seeds.cow()),
                parser("DESCRIPTOR", new DiskDescriptorReader(), Seeds.diskDescriptor()),
                parser("DMG", new DmgReader(), Seeds.dmg()),
                parser("LUKS", new LuksReader(), Seeds.luks()),
                parser("PARALLELS", new ParallelsReader(), Seeds.parallels()),
                parser("QCOW", new QcowReader(), Seeds.qcow()),
                parser("QCOW2", new Qcow2Reader(), Seeds.qcow2()),
                parser("QED", new QedReader(), Seeds.qed()),
                parser("RAW", new RawReader(), Seeds.raw()),
                parser("VDI", new VdiReader(), Seeds.vdi()),
                parser("VHDX", new VhdxReader(), Seeds.vhdx(), ScatteredInput::image),
                parser("VMDK", new VmdkReader(), Seeds.vmdk()),
                parser("VPC", new VpcReader(), Seeds.vpc()),
                new FuzzTarget("PROBE", Seeds.all(), FuzzTarget::probe),
                new FuzzTarget("NAME", Seeds.names(), FuzzTarget::name),
                new FuzzTarget("OPTIONS", Seeds.options(), FuzzTarget::options),
                new FuzzTarget(
                        "WALK", Seeds.walks(), input -> WalkInput.of(input).check()));
    }

    static FuzzTarget of(String name) {
        return all().stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    void run(byte[] input) {
        var _ = answer.apply(input);
    }

    @Override
    public String toString() {
        return name;
    }

    private static FuzzTarget parser(String name, FormatReader reader, List<byte[]> images) {
        return parser(name, reader, images, UnaryOperator.identity());
    }

    /** @param image the image that the parser gets for an input */
    private static FuzzTarget parser(
            String name, FormatReader reader, List<byte[]> images, UnaryOperator<byte[]> image) {
        Function<byte[], ParseResult> answer = input -> Check.parser(reader, image.apply(input));
        return new FuzzTarget(
                name,
                images.stream().map(whole -> Seeds.shortest(whole, answer)).toList(),
                answer);
    }

    private static List<String> probe(byte[] input) {
        ByteBuffer start = ByteBuffer.wrap(input, 0, Math.min(input.length, ContentProbe.LENGTH))
                .slice()
                .asReadOnlyBuffer();
        List<String> claims = ContentProbe.claims(start, FileName.of("image"));
        Check.require(claims.equals(ContentProbe.claims(start, FileName.of("image"))), "two answers");
        Check.require(claims.stream().distinct().count() == claims.size(), "one claim twice: " + claims);
        Check.require(start.position() == 0, "the probe moved the position");
        return claims;
    }

    /** The text behind {@code json:}. */
    private static BlockOptions options(byte[] input) {
        FileName name = FileName.of("json:").concat(FileName.of(input));
        BlockOptions options = BlockOptions.in(name);
        Check.require(options.equals(BlockOptions.in(name)), "two answers");
        switch (options) {
            case BlockOptions.Named named -> {
                Check.require(named.references().size() <= input.length, "more names than bytes");
                for (BlockOptions.Reference reference : named.references()) {
                    Check.line(reference.driver());
                    Check.require(!reference.name().isEmpty(), "no name");
                    // Each byte of the input may be part of a name once, and of the key that names it.
                    Check.require(reference.name().length() <= 2 * input.length, "a name longer than the input");
                }
            }
            case BlockOptions.Broken broken -> Check.line(broken.reason());
        }
        return options;
    }

    /** The first half is a name, the second half the name of the overlay beside which it is resolved. */
    private static ReferenceName name(byte[] input) {
        FileName all = FileName.of(input);
        FileName name = all.until(input.length / 2);
        FileName overlay = all.from(input.length / 2);
        ReferenceName resolved = ReferenceName.resolve(name, overlay);
        switch (resolved) {
            case ReferenceName.LocalFile file -> {
                Check.require(!file.name().isEmpty(), "a file without a name");
                Check.require(
                        ReferenceName.classify(file.name()).equals(file),
                        "resolved again it is another: " + file.name().printable());
            }
            case ReferenceName.Protocol protocol -> Check.line(protocol.protocol());
            case ReferenceName.UnknownProtocol unknown -> {
                // The empty word before a colon is also one.
                if (!unknown.protocol().isEmpty()) {
                    Check.line(unknown.protocol());
                }
            }
            case ReferenceName.JsonOptions options -> {}
            case ReferenceName.Empty empty -> {}
        }
        return resolved;
    }
}
