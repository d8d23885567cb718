"use strict";
// All sources of a clip play at once, from one moment on, and all but one are silent: switching is a fade
// of a few milliseconds and loses no sample. Sound is decoded when a clip is first played.
(() => {
  const FADE_S = 0.008, SEEK_S = 2;
  const find = (selector, element = document) => [...element.querySelectorAll(selector)];
  const one = selector => document.querySelector(selector);
  const isLooped = () => one("#loop").checked;
  let context, output, current;

  const start = () => {
    if (context) return;
    context = new AudioContext();
    output = context.createGain();
    output.connect(context.destination);
  };

  const decode = row => {
    const text = atob(row.querySelector("audio").src.split(",")[1]);
    return context.decodeAudioData(Uint8Array.from(text, letter => letter.charCodeAt(0)).buffer);
  };

  class Clip {
    constructor(element) {
      this.element = element;
      this.rows = find("tr.source", element);
      this.row = this.rows[0];
      this.stem = find("tbody", element)[1] || find("tbody", element)[0];
      this.seconds = Number(element.dataset.seconds);
      this.at = 0; // seconds; while it plays, those at the moment `since`
      this.nodes = null;
      element.querySelector(".play").onclick = () => this.toggle();
      for (const row of this.rows) {
        row.querySelector(".choose").onclick = () => this.choose(row);
        row.querySelector(".spectrogram").onpointerdown = event => {
          const box = event.currentTarget.getBoundingClientRect();
          this.choose(row);
          this.seek((event.clientX - box.left) / box.width * this.seconds);
        };
      }
      this.show();
    }

    position() {
      if (!this.nodes) return this.at;
      const at = this.at + Math.max(0, context.currentTime - this.since);
      return isLooped() ? at % this.seconds : Math.min(at, this.seconds);
    }

    async toggle() {
      become(this);
      if (this.nodes || this.isLoading) return this.stop();
      this.isLoading = true; // a second press while sound is decoded takes the first one back
      start();
      try {
        await context.resume();
        this.buffers ||= await Promise.all(this.rows.map(decode));
        if (this.isLoading && current === this) this.play();
      } catch (error) {
        one("#problem").textContent = `The sound cannot be played here: ${error.message || error}`;
      }
      this.isLoading = false;
    }

    play() {
      if (this.nodes) return;
      this.seconds = Math.min(this.seconds, ...this.buffers.map(buffer => buffer.duration));
      if (this.at >= this.seconds) this.at = 0;
      this.since = context.currentTime + 0.03; // all begin at a moment that is still to come
      this.nodes = this.rows.map((row, index) => {
        const source = new AudioBufferSourceNode(context,
          { buffer: this.buffers[index], loop: isLooped(), loopStart: 0, loopEnd: this.seconds });
        const gain = new GainNode(context, { gain: row === this.row ? 1 : 0 });
        source.connect(gain).connect(output);
        source.start(this.since, this.at);
        return { source, gain };
      });
      const { source } = this.nodes[0];
      source.onended = () => {
        if (this.nodes && this.nodes[0].source === source) { this.stop(); this.seek(0); }
      };
      this.show();
      this.tick();
    }

    stop() {
      this.at = this.position();
      this.isLoading = false;
      for (const { source, gain } of this.nodes || []) {
        gain.gain.setTargetAtTime(0, context.currentTime, FADE_S / 3);
        source.stop(context.currentTime + 2 * FADE_S);
      }
      this.nodes = null;
      this.show();
    }

    seek(at) {
      become(this);
      const isPlaying = !!this.nodes;
      if (isPlaying) this.stop();
      this.at = Math.min(Math.max(at, 0), this.seconds);
      if (isPlaying) this.play();
      this.show();
    }

    choose(row) {
      become(this);
      this.row = row;
      const group = row.parentElement;
      if (row.dataset.part !== "mixture") this.stem = group;
      this.rows.forEach((other, index) => this.nodes?.[index].gain.gain.setTargetAtTime(
        other === row ? 1 : 0, context.currentTime, FADE_S / 3));
      this.show();
    }

    loop() {
      if (!this.nodes) return;
      // What was the place a moment ago, with the old setting, is that from now on.
      const at = this.at + Math.max(0, context.currentTime - this.since);
      this.at = isLooped() ? at : at % this.seconds;
      this.since = context.currentTime;
      for (const { source } of this.nodes) source.loop = isLooped();
    }

    // Keys: 1 is the mixture, then the rows of the stem that was chosen last, in the order in which they stand.
    choices() { return [this.rows[0], ...find("tr.source", this.stem).filter(row => row !== this.rows[0])]; }

    step(by) {
      const stems = find("tbody", this.element).slice(1);
      const place = Math.max(0, this.choices().indexOf(this.row) - 1);
      this.stem = stems[(stems.indexOf(this.stem) + by + stems.length) % stems.length];
      this.choose(this.choices()[Math.min(place + 1, this.choices().length - 1)]);
      this.row.scrollIntoView({ block: "nearest" });
    }

    tick() {
      if (!this.nodes) return;
      this.show();
      requestAnimationFrame(() => this.tick());
    }

    show() {
      const at = this.position();
      this.element.style.setProperty("--at", at / this.seconds);
      this.element.querySelector("output").textContent = `${at.toFixed(1)} / ${this.seconds.toFixed(1)} s`;
      this.element.querySelector(".play").textContent = this.nodes ? "Pause" : "Play";
      for (const row of this.rows) {
        row.querySelector(".choose").setAttribute("aria-pressed", row === this.row);
      }
    }
  }

  // The clip that keys are for; one plays at a time.
  const become = clip => {
    if (clip === current) return;
    if (current) { current.stop(); current.element.classList.remove("current"); }
    current = clip;
    clip.element.classList.add("current");
  };

  // Blind: the models of each stem in an order of its own, as A, B, C; figures would give them away, so they go too.
  const veil = isShuffled => {
    const isHidden = one("#blind")?.checked && !one("#reveal").dataset.shown;
    document.body.classList.toggle("veiled", !!isHidden);
    for (const group of find("tbody")) {
      const rows = find("tr[data-part=estimate]", group);
      if (isShuffled) {
        for (let k = rows.length - 1; k > 0; k--) {
          const other = Math.floor(Math.random() * (k + 1));
          [rows[k], rows[other]] = [rows[other], rows[k]];
        }
      } else if (!one("#blind")?.checked) {
        rows.sort((a, b) => a.dataset.model - b.dataset.model);
      }
      group.append(...rows);
      rows.forEach((row, k) => {
        const model = names[row.dataset.model], letter = String.fromCharCode(65 + k);
        row.querySelector(".name").textContent =
          isHidden ? letter : one("#blind")?.checked ? `${letter} was ${model}` : model;
        row.querySelector("img").alt = isHidden ? `spectrogram of ${letter}` : `spectrogram of ${model}`;
      });
      find("tr.source", group).forEach((row, k) => {
        row.querySelector("kbd").textContent = row.dataset.part === "mixture" ? 1 : k + 2;
      });
    }
  };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input") && event.key === " ") return;
    const does = {
      " ": () => event.repeat || current.toggle(),
      ArrowLeft: () => current.seek(current.position() - SEEK_S),
      ArrowRight: () => current.seek(current.position() + SEEK_S),
      ArrowUp: () => current.step(-1),
      ArrowDown: () => current.step(1),
      l: () => one("#loop").click(),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const row = /^[1-9]$/.test(event.key) && current.choices()[event.key - 1];
    if (!does && !row) return;
    event.preventDefault();
    if (does) does(); else current.choose(row);
  });
  // A button that has the focus is not pressed by the space that plays.
  document.addEventListener("keyup", event => {
    if (event.key === " " && event.target.matches("button")) event.preventDefault();
  });

  const names = find("#models li").map(item => item.textContent);
  document.body.classList.add("scripted");
  const clips = find("section.clip").map(element => new Clip(element));
  become(clips[0]);
  one("#loop").onchange = () => current.loop();
  if (one("#blind")) {
    const reveal = one("#reveal");
    one("#blind").onchange = event => {
      delete reveal.dataset.shown;
      reveal.disabled = !event.target.checked;
      veil(event.target.checked);
    };
    reveal.onclick = () => { reveal.dataset.shown = 1; reveal.disabled = true; veil(false); };
  }
  veil(false);
  // For tests, and for who wants to look.
  window.listening = {
    state: () => ({ at: current.position(), isPlaying: !!current.nodes, clip: clips.indexOf(current),
      source: current.rows.indexOf(current.row), isLoaded: !!current.buffers }),
    output: () => output,
  };
})();
