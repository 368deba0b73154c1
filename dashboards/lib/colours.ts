/* Colours that differ in lightness too, for those who see few hues (Okabe and Ito, 2008). */
export const blue = "#0072B2";
export const sky = "#56B4E9";
export const orange = "#E69F00";
export const vermilion = "#D55E00";
export const green = "#009E73";
export const grey = "#8E8E8E";
export const purple = "#CC79A7";
