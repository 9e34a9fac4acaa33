package labeler.chain;

import java.util.List;
import labeler.chain.format.ReadersByFormat;
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

/** The one list of the formats that come with this module. */
public final class StandardFormats {
    private StandardFormats() {}

    public static ReadersByFormat readers() {
        return new ReadersByFormat(List.of(
                new BochsReader(),
                new CloopReader(),
                new CowReader(),
                new DiskDescriptorReader(),
                new DmgReader(),
                new LuksReader(),
                new ParallelsReader(),
                new QcowReader(),
                new Qcow2Reader(),
                new QedReader(),
                new RawReader(),
                new VdiReader(),
                new VhdxReader(),
                new VmdkReader(),
                new VpcReader()));
    }
}
