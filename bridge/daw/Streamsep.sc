// Written from streamsep's table of OSC addresses: python -m streamsep_bridge.osc.generate
// To use it, copy it into Platform.userExtensionDir and recompile the class library.
//
//     x = Streamsep("127.0.0.1", 9000).listen;
//     x.gainDb(\vocals, -12);
//     x.mute(\drums, 1);
//     x.values["/streamsep/stem/vocals/gain_db"];              // what holds, as last told
//     x.onChange = { |address, values| [address, values].postln };
//     x.free;
Streamsep {
	var <addr, <stems, <values, <>onChange, defs, renewal;

	*new { |host = "127.0.0.1", port = 9000, stems|
		^super.newCopyArgs(NetAddr(host, port), stems ? #[\vocals, \drums, \bass, \other]).init
	}

	init {
		values = Dictionary.new;
		defs = List.new;
	}

	// Hear everything, rateHz times a second at most, until free.
	listen { |rateHz = 20|
		this.free;
		this.told.do { |address|
			defs.add(OSCdef((address ++ this.hash).asSymbol, { |message|
				values[address] = message[1..];
				onChange.value(address, message[1..]);
			}, address.asSymbol, addr));
		};
		renewal = Routine {
			loop {
				addr.sendMsg('/streamsep/subscribe', '/streamsep', rateHz, 60);
				20.wait;
			}
		}.play(SystemClock);
	}

	free {
		if (renewal.notNil) { renewal.stop; renewal = nil; addr.sendMsg('/streamsep/unsubscribe') };
		defs.do(_.free);
		defs.clear;
	}

	// Ask for a value: it comes as an OSC message of the same address, and so to onChange.
	ask { |address| addr.sendMsg(address.asSymbol) }

	// Addresses of all that is told.
	told {
		^stems.collect { |stem|
			[
				"/streamsep/stem/%/gain",
				"/streamsep/stem/%/gain_db",
				"/streamsep/stem/%/mute",
				"/streamsep/stem/%/solo",
				"/streamsep/stem/%/solo_only",
				"/streamsep/stem/%/pan",
				"/streamsep/stem/%/width",
				"/streamsep/level/%",
				"/streamsep/onset/%"
			].collect(_.format(stem))
		}.flatten ++ [
			"/streamsep/mix/gain",
			"/streamsep/mix/gain_db",
			"/streamsep/mix/dry_wet",
			"/streamsep/bypass",
			"/streamsep/preset",
			"/streamsep/profile",
			"/streamsep/stem_set",
			"/streamsep/record",
			"/streamsep/source/position_s",
			"/streamsep/source/playing",
			"/streamsep/source/loop",
			"/streamsep/status/state",
			"/streamsep/status/latency_ms",
			"/streamsep/status/load",
			"/streamsep/status/xruns",
			"/streamsep/status/late_hops",
			"/streamsep/status/restarts",
			"/streamsep/status/refused",
			"/streamsep/error",
			"/streamsep/level/input",
			"/streamsep/level/mix"
		]
	}

	// gain, linear
	gain { |stem, gain, rampS = 0.02| addr.sendMsg("/streamsep/stem/%/gain".format(stem), gain, rampS) }

	// gain in dB; -120 and below is silence
	gainDb { |stem, gainDb, rampS = 0.02| addr.sendMsg("/streamsep/stem/%/gain_db".format(stem), gainDb, rampS) }

	// silence this stem
	mute { |stem, mute| addr.sendMsg("/streamsep/stem/%/mute".format(stem), mute) }

	// hear this stem and others that are soloed, no more
	solo { |stem, solo| addr.sendMsg("/streamsep/stem/%/solo".format(stem), solo) }

	// hear this stem alone: ends every other solo
	soloOnly { |stem, soloOnly| addr.sendMsg("/streamsep/stem/%/solo_only".format(stem), soloOnly) }

	// balance: -1 left, 1 right
	pan { |stem, pan, rampS = 0.02| addr.sendMsg("/streamsep/stem/%/pan".format(stem), pan, rampS) }

	// 0 mono, 1 as it is, 2 wide
	width { |stem, width, rampS = 0.02| addr.sendMsg("/streamsep/stem/%/width".format(stem), width, rampS) }

	// gain of all that is heard, linear
	mixGain { |gain, rampS = 0.02| addr.sendMsg("/streamsep/mix/gain", gain, rampS) }

	// the same in dB
	mixGainDb { |gainDb, rampS = 0.02| addr.sendMsg("/streamsep/mix/gain_db", gainDb, rampS) }

	// 0 the song as it came, 1 the stems
	mixDryWet { |dryWet, rampS = 0.02| addr.sendMsg("/streamsep/mix/dry_wet", dryWet, rampS) }

	// the song as it came, aligned to the sample
	bypass { |bypass| addr.sendMsg("/streamsep/bypass", bypass) }

	// the song as it came: bypass, and every fader and switch neutral
	panic { addr.sendMsg("/streamsep/panic") }

	// forget what was heard: fade over to a fresh model
	reset { addr.sendMsg("/streamsep/reset") }

	// go over to a preset
	preset { |preset| addr.sendMsg("/streamsep/preset", preset) }

	// go over to this profile of the same stems
	profile { |profile| addr.sendMsg("/streamsep/profile", profile) }

	// go over to these stems
	stemSet { |stemSet| addr.sendMsg("/streamsep/stem_set", stemSet) }

	// a take: input, stems, mix into the folder for takes
	record { |record| addr.sendMsg("/streamsep/record", record) }

	// where in the file
	sourcePositionS { |seconds| addr.sendMsg("/streamsep/source/position_s", seconds) }

	// the file plays, or waits in silence
	sourcePlaying { |playing| addr.sendMsg("/streamsep/source/playing", playing) }

	// the file begins anew at its end
	sourceLoop { |loop| addr.sendMsg("/streamsep/source/loop", loop) }

	// keep where everything is, under a name
	sceneStore { |name| addr.sendMsg("/streamsep/scene/store", name) }

	// fade to a scene
	sceneRecall { |name, fadeS = 0.5| addr.sendMsg("/streamsep/scene/recall", name, fadeS) }

	// be between two scenes: 0 the first, 1 the second
	sceneMorph { |name, other, position| addr.sendMsg("/streamsep/scene/morph", name, other, position) }

	// forget a scene
	sceneDelete { |name| addr.sendMsg("/streamsep/scene/delete", name) }
}
